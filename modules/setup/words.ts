/** What set-up says to people, in four languages. Complaints about settings are the firmware's own, in English. */

const languages: readonly string[] = Object.freeze(["en", "de", "fr", "lb"]);

/** English, German, French and Luxembourgish, with `|` between. */
const words = Object.freeze({
	title: "Set up the meter reader|Zählerleser einrichten|Installer le lecteur|Zielerlieser ariichten",
	wifi: "WiFi network|WLAN|Réseau Wi-Fi|WLAN",
	wifiPassword: "Its password|Passwort dazu|Son mot de passe|Passwuert dozou",
	broker: "MQTT broker|MQTT-Broker|Broker MQTT|MQTT-Broker",
	user: "User at the broker|Benutzer am Broker|Utilisateur du broker|Benotzer um Broker",
	password: "Password at the broker|Passwort am Broker|Mot de passe du broker|Passwuert um Broker",
	brokerKey:
		"Fingerprint of the broker's key|Fingerabdruck des Broker-Schlüssels|Empreinte de la clé du broker|Fangerofdrock vum Broker-Schlëssel",
	authorities:
		"Authorities that may sign it|Stellen, die ihn bezeugen dürfen|Autorités qui peuvent le signer|Autoritéiten, déi e kënnen ënnerschreiwen",
	key: "Key of the meter|Schlüssel des Zählers|Clé du compteur|Schlëssel vum Zieler",
	keyHelp:
		"32 hexadecimal digits, from the grid operator.|32 hexadezimale Ziffern, vom Netzbetreiber.|32 chiffres hexadécimaux, du gestionnaire de réseau.|32 hexadezimal Zifferen, vum Netzbedreiwer.",
	keep: "set; empty keeps it|gesetzt; leer lässt es so|défini ; vide le garde|gesat; eidel léisst et sou",
	forget: "forget it|vergessen|l'oublier|vergiessen",
	newToken: "New token for the page|Neues Token für die Seite|Nouveau jeton pour la page|Neien Token fir d'Säit",
	test: "Test|Testen|Tester|Testen",
	scan: "Look for networks again|Erneut nach Netzen suchen|Chercher encore des réseaux|Nach eng Kéier no Netzer sichen",
	refused: "This cannot be used:|Das geht so nicht:|Ceci ne convient pas :|Dat geet esou net:",
	trying: "is being tested …|wird getestet …|test en cours …|gëtt getest …",
	patience:
		"Your phone may lose this network for some seconds.|Ihr Telefon verliert dieses Netz vielleicht für Sekunden.|Votre téléphone peut perdre ce réseau quelques secondes.|Ären Telefon verléiert dëst Netz vläicht fir Sekonnen.",
	wifiJoined: "WiFi joined: {}|WLAN verbunden: {}|Wi-Fi connecté : {}|WLAN verbonnen: {}",
	wifiAbsent:
		"No network of this name is in reach. It must be one of 2.4 GHz.|Kein Netz dieses Namens in Reichweite. Es muss eines mit 2,4 GHz sein.|Aucun réseau de ce nom à portée. Il en faut un à 2,4 GHz.|Keen Netz mat deem Numm a Reechwäit. Et muss eent mat 2,4 GHz sinn.",
	wifiWrong:
		"The WiFi password is wrong.|Das WLAN-Passwort ist falsch.|Le mot de passe Wi-Fi est faux.|D'WLAN-Passwuert ass falsch.",
	wifiAddress:
		"WiFi joined, but the router gave no address.|WLAN verbunden, aber der Router gab keine Adresse.|Wi-Fi connecté, mais le routeur n'a pas donné d'adresse.|WLAN verbonnen, mee de Router huet keng Adress ginn.",
	wifiFailed:
		"The WiFi was not joined (reason {}).|Das WLAN wurde nicht verbunden (Grund {}).|Le Wi-Fi n'a pas été connecté (raison {}).|De WLAN gouf net verbonnen (Grond {}).",
	wifiNone:
		"No WiFi is set: only LoRa is used.|Kein WLAN eingestellt: nur LoRa wird benutzt.|Pas de Wi-Fi réglé : seul LoRa est utilisé.|Kee WLAN agestallt: nëmme LoRa gëtt benotzt.",
	brokerAnswers: "The broker answers.|Der Broker antwortet.|Le broker répond.|De Broker äntwert.",
	brokerNone: "No broker is set.|Kein Broker eingestellt.|Aucun broker réglé.|Kee Broker agestallt.",
	brokerSkipped:
		"The broker was not asked: there is no WiFi.|Der Broker wurde nicht gefragt: kein WLAN.|Broker non testé : pas de Wi-Fi.|De Broker gouf net gefrot: kee WLAN.",
	brokerFailed: "Broker: {}|Broker: {}|Broker : {}|Broker: {}",
	shownKey: "It shows the key {}.|Er zeigt den Schlüssel {}.|Il montre la clé {}.|E weist de Schlëssel {}.",
	datesUnchecked:
		"Nobody knows the time: the dates of its certificate were not checked.|Niemand kennt die Zeit: die Daten seines Zertifikats wurden nicht geprüft.|L'heure est inconnue : les dates de son certificat n'ont pas été vérifiées.|Keen weess d'Zäit: d'Datumer vu sengem Zertifikat goufen net gepréift.",
	trust:
		"This is my broker's key|Das ist der Schlüssel meines Brokers|C'est la clé de mon broker|Dat ass de Schlëssel vu mengem Broker",
	keyOpens:
		"The key opens this meter's frames.|Der Schlüssel öffnet die Telegramme dieses Zählers.|La clé ouvre les trames de ce compteur.|De Schlëssel mécht d'Telegrammer vun dësem Zieler op.",
	keyCrc:
		"The key opens this meter's frames, but their tags are not good.|Der Schlüssel öffnet die Telegramme, aber ihre Tags stimmen nicht.|La clé ouvre les trames, mais leurs tags sont faux.|De Schlëssel mécht d'Telegrammer op, mee hir Tags stëmmen net.",
	keyNone:
		"This meter sends in clear: it needs no key.|Dieser Zähler sendet im Klartext: ohne Schlüssel.|Ce compteur émet en clair : sans clé.|Dësen Zieler schéckt am Kloertext: ouni Schlëssel.",
	keyMissing:
		"This meter's frames need a key.|Die Telegramme dieses Zählers brauchen einen Schlüssel.|Les trames de ce compteur demandent une clé.|D'Telegrammer vun dësem Zieler brauchen e Schlëssel.",
	keyWrong:
		"The key does not open this meter's frames.|Der Schlüssel öffnet die Telegramme dieses Zählers nicht.|La clé n'ouvre pas les trames de ce compteur.|De Schlëssel mécht d'Telegrammer vun dësem Zieler net op.",
	meterOk:
		"Telegrams come from the meter.|Vom Zähler kommen Telegramme.|Des trames arrivent du compteur.|Vum Zieler kommen Telegrammer.",
	meterWaiting:
		"The meter is listened to …|Der Zähler wird abgehört …|Écoute du compteur …|Den Zieler gëtt ofgelauschtert …",
	meterSilent:
		"Nothing comes from the meter: look at the cable.|Vom Zähler kommt nichts: bitte das Kabel ansehen.|Rien ne vient du compteur : vérifiez le câble.|Vum Zieler kënnt näischt: kuckt w.e.g. de Kabel no.",
	meterOther:
		"What comes from the meter cannot be read ({}).|Was vom Zähler kommt, ist nicht lesbar ({}).|Ce qui vient du compteur est illisible ({}).|Wat vum Zieler kënnt, ass net liesbar ({}).",
	save: "Keep and finish|Behalten und fertig|Garder et terminer|Behalen a fäerdeg",
	saveAnyway: "Keep it anyway|Trotzdem behalten|Garder quand même|Trotzdeem behalen",
	change: "Change|Ändern|Modifier|Änneren",
	kept: "All is kept.|Alles ist gespeichert.|Tout est enregistré.|Alles ass gespäichert.",
	reach:
		"In your own network the page of this reader is at|In Ihrem Netz ist die Seite dieses Lesers unter|Dans votre réseau, la page de ce lecteur est|An Ärem Netz ass d'Säit vun dësem Lieser op",
	token:
		"Its token, which is shown only now; write it down:|Ihr Token, das nur jetzt gezeigt wird; bitte aufschreiben:|Son jeton, montré maintenant seulement ; notez-le :|Hiren Token, deen nëmmen elo gewise gëtt; schreift en op:",
	finish: "Finish|Fertig|Terminer|Fäerdeg",
	goodbye:
		"The reader restarts in your network. You may close this page.|Der Leser startet in Ihrem Netz neu. Sie können diese Seite schließen.|Le lecteur redémarre dans votre réseau. Vous pouvez fermer cette page.|De Lieser start an Ärem Netz nei. Dir kënnt dës Säit zoumaachen.",
} as const);

export type Word = keyof typeof words;

/** Where a person's language is among the four: the first of `Accept-Language` that is, or English. */
export function chooseLanguage(accepted: string): number {
	for (const part of accepted.toLowerCase().split(",")) {
		const at = languages.indexOf(part.trim().slice(0, 2));
		if (at >= 0) return at;
	}
	return 0;
}

/** As HTML names it. */
export function nameLanguage(language: number): string {
	return languages[language]!;
}

/** With `value` in the place of `{}`. */
export function say(language: number, word: Word, value = ""): string {
	// A replacement as text would take `$` for a sign.
	return words[word].split("|")[language]!.replace("{}", () => value);
}
