/** What the page says, in four languages. Complaints about settings and the log are the firmware's own, in English. */

const languages = ["en", "de", "fr", "lb"] as const;
/** Numbers and dates as they are written there; few browsers know those of Luxembourgish. */
const locales = ["en-GB", "de-LU", "fr-LU", "de-LU"];

const wanted = navigator.languages.map(name => languages.indexOf(name.slice(0, 2) as "en"));
const at = Math.max(0, wanted.find(place => place >= 0) ?? 0);

/** The page's language, and how it writes numbers and times. */
export const language = languages[at]!;
const locale = locales[at]!;

/** English, German, French and Luxembourgish, with `|` between. */
export const words = {
	title: "Electricity meter|Stromzähler|Compteur électrique|Stroumzieler",
	pulses: "Pulses|Impulse|Impulsions|Impulser",
	meter: "Meter|Zähler|Compteur|Zieler",
	import: "From the grid|Aus dem Netz|Du réseau|Aus dem Netz",
	export: "Into the grid|Ins Netz|Vers le réseau|An d'Netz",
	balanced: "in balance|ausgeglichen|à l'équilibre|ausgeglach",
	ago: "{} ago|vor {}|il y a {}|virun {}",
	stale: "No reading for {}|Seit {} kein Messwert|Aucune mesure depuis {}|Zanter {} kee Wäert",
	lost: "The reader does not answer|Der Leser antwortet nicht|Le lecteur ne répond pas|De Lieser äntwert net",
	never: "No reading yet|Noch kein Messwert|Pas encore de mesure|Nach kee Wäert",
	well: "All is well|Alles in Ordnung|Tout va bien|Alles an der Rei",
	unwell: "Needs attention|Bitte ansehen|À vérifier|Bitte nokucken",
	broker: "Broker|Broker|Broker|Broker",
	network: "Network|Netzwerk|Réseau|Netzwierk",
	settings: "Settings|Einstellungen|Réglages|Astellungen",
	connected: "connected|verbunden|connecté|verbonnen",
	apart: "not connected|nicht verbunden|non connecté|net verbonnen",
	noBroker: "none set|keiner eingestellt|aucun réglé|keen agestallt",
	hour: "Last hour|Letzte Stunde|Dernière heure|Lescht Stonn",
	empty: "Nothing here yet|Noch nichts da|Rien pour l'instant|Nach näischt do",
	quarter: "Quarter hour|Viertelstunde|Quart d'heure|Véierelstonn",
	average: "mean so far|Mittel bisher|moyenne à présent|Moyenne bis elo",
	forecast: "forecast|Prognose|prévision|Prognos",
	class: "power class|Leistungsklasse|classe de puissance|Leeschtungsklass",
	today: "Today|Heute|Aujourd'hui|Haut",
	above: "above the class|über der Klasse|au-dessus de la classe|iwwer der Klass",
	month: "This month|Dieser Monat|Ce mois|Dëse Mount",
	peak: "highest quarter hour|höchste Viertelstunde|quart d'heure maximal|héchst Véierelstonn",
	noClass:
		"Set powerClass to see more.|Mit powerClass ist hier mehr zu sehen.|Réglez powerClass pour en voir plus.|Mat powerClass gesäit een hei méi.",
	days: "Days|Tage|Jours|Deeg",
	phases: "Phases|Phasen|Phases|Phasen",
	power: "Power|Leistung|Puissance|Leeschtung",
	voltage: "Voltage|Spannung|Tension|Spannung",
	current: "Current|Strom|Courant|Stroum",
	sags: "Sags|Einbrüche|Creux|Abréch",
	swells: "Swells|Überhöhungen|Surtensions|Iwwerspannungen",
	counters: "Meter readings|Zählerstände|Index|Zielerstänn",
	gas: "Gas|Gas|Gaz|Gas",
	water: "Water|Wasser|Eau|Waasser",
	electricity: "Electricity|Strom|Électricité|Stroum",
	warm_water: "Hot water|Warmwasser|Eau chaude|Waarmt Waasser",
	hot_water: "Hot water|Warmwasser|Eau chaude|Waarmt Waasser",
	cold_water: "Cold water|Kaltwasser|Eau froide|Kaalt Waasser",
	heat: "Heat|Wärme|Chaleur|Hëtzt",
	cooling: "Cooling|Kälte|Froid|Keelt",
	other: "Other|Andere|Autre|Aner",
	messages: "From the grid operator|Vom Netzbetreiber|Du gestionnaire de réseau|Vum Netzbedreiwer",
	log: "Log|Protokoll|Journal|Protokoll",
	waiting: "waiting|wartet|en attente|waart",
	ok: "telegrams come|Telegramme kommen|les télégrammes arrivent|Telegrammer kommen",
	notUnderstood: "not understood|nicht verstanden|non compris|net verstan",
	noCable: "no cable|kein Kabel|pas de câble|kee Kabel",
	silent: "silent|still|silencieux|roueg",
	noise: "noise|Störungen|bruit|Stéierungen",
	swapped: "plugs swapped|Stecker vertauscht|fiches inversées|Steckere vertosch",
	replay: "recordings|Aufnahmen|enregistrements|Opnamen",
	unauthenticated: "without a tag|ohne Tag|sans tag|ouni Tag",
	keyMissing: "key missing|Schlüssel fehlt|clé manquante|Schlëssel feelt",
	wrongKey: "wrong key|falscher Schlüssel|fausse clé|falsche Schlëssel",
	wrongAuthenticationKey:
		"wrong authenticationKey|falscher authenticationKey|fausse authenticationKey|falschen authenticationKey",
	damaged: "damaged telegrams|beschädigte Telegramme|télégrammes endommagés|beschiedegt Telegrammer",
	authenticated: "authenticated|authentifiziert|authentifié|authentifizéiert",
	"crc-only": "CRC only|nur CRC|CRC seulement|nëmmen CRC",
	plain: "in clear|im Klartext|en clair|am Kloertext",
	token: "Token|Token|Jeton|Token",
	tokenWrong: "This token is wrong.|Dieses Token ist falsch.|Ce jeton est faux.|Dësen Token ass falsch.",
	open: "Open|Öffnen|Ouvrir|Opmaachen",
	save: "Save and restart|Speichern und neu starten|Enregistrer et redémarrer|Späicheren an nei starten",
	saved:
		"Saved. The reader restarts.|Gespeichert. Der Leser startet neu.|Enregistré. Le lecteur redémarre.|Gespäichert. De Lieser start nei.",
	refused: "Nothing was saved:|Nichts wurde gespeichert:|Rien n'est enregistré :|Näischt gouf gespäichert:",
	keep: "set|gesetzt|défini|gesat",
	notSet: "not set|nicht gesetzt|non défini|net gesat",
	readOnly:
		"Set in a file or on the command line.|In Datei oder Befehlszeile eingestellt.|Réglé par fichier ou ligne de commande.|A Datei oder Befeelszeil agestallt.",
	noToken:
		"To change settings here, set webToken at the console.|Um hier etwas zu ändern, webToken an der Konsole setzen.|Pour changer des réglages ici, définissez webToken à la console.|Fir hei eppes z'änneren, webToken un der Konsol setzen.",
	groupMeter: "Meter and key|Zähler und Schlüssel|Compteur et clé|Zieler a Schlëssel",
	groupWifi: "WiFi|WLAN|Wi-Fi|WLAN",
	groupBroker: "MQTT broker|MQTT-Broker|Broker MQTT|MQTT-Broker",
	groupMessages: "What is published|Was gesendet wird|Ce qui est publié|Wat geschéckt gëtt",
	groupPower: "Network fee|Netzgebühr|Redevance réseau|Netzgebür",
	groupServers: "This page and servers|Diese Seite und Server|Cette page et serveurs|Dës Säit a Serveren",
	groupBoard: "Wiring|Verdrahtung|Câblage|Verdrotung",
};

export type Word = keyof typeof words;

/** In the page's language, with `values` in the places of `{}`. */
export function say(word: Word, ...values: string[]): string {
	let next = 0;
	return words[word].split("|")[at]!.replace(/\{\}/g, () => values[next++] ?? "");
}

/** Whether there is a word of this name. */
export function isWord(name: string): name is Word {
	return Object.hasOwn(words, name);
}

/** A meter's type as it is in messages: `heat_inlet` is heat, as people see it. */
export function nameKind(type: string): string {
	const word = [type, type.split("_")[0]!].find(isWord);
	return word === undefined ? type : say(word);
}

/** A number with `digits` behind its point. */
export function formatNumber(value: number, digits: number): string {
	// No minus before a zero.
	const rounded = Number(value.toFixed(digits)) || 0;
	const text = rounded.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
	return text.replace("-", "−");
}

/** Hours and minutes here, of seconds since 1970. */
export function formatClock(seconds: number): string {
	return new Date(seconds * 1000).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** Day and month here. */
export function formatDay(seconds: number): string {
	return new Date(seconds * 1000).toLocaleDateString(locale, { day: "numeric", month: "numeric" });
}

/** `4 s`, `12 min`, `3 h`, `2 d`. */
export function formatSpan(seconds: number): string {
	const whole = Math.max(0, Math.round(seconds));
	if (whole < 100) return `${whole} s`;
	if (whole < 6_000) return `${Math.round(whole / 60)} min`;
	return whole < 172_800 ? `${Math.round(whole / 3_600)} h` : `${Math.round(whole / 86_400)} d`;
}
