/** What the recorder's page says besides the words of the reader's, in the same four languages. */
import { language } from "../../page/words.js";

const at = ["en", "de", "fr", "lb"].indexOf(language);
const locale = ["en-GB", "de-LU", "fr-LU", "de-LU"][at]!;

/** English, German, French and Luxembourgish, with `|` between. */
export const recorderWords = {
	title: "Recorder|Rekorder|Enregistreur|Enregistreur",
	meters: "Meters|Zähler|Compteurs|Zieler",
	range: "Time|Zeitraum|Période|Zäit",
	hour: "Hour|Stunde|Heure|Stonn",
	day: "Day|Tag|Jour|Dag",
	week: "Week|Woche|Semaine|Woch",
	month: "Month|Monat|Mois|Mount",
	year: "Year|Jahr|Année|Joer",
	before: "Earlier|Früher|Avant|Virdrun",
	after: "Later|Später|Après|Duerno",
	together: "Together|Zusammen|Ensemble|Zesummen",
	shared:
		"shared within the quarter hour|in der Viertelstunde geteilt|partagé dans le quart d'heure|an der Véierelstonn gedeelt",
	balance: "balance|Bilanz|bilan|Bilanz",
	months: "Months and power class|Monate und Leistungsklasse|Mois et classe de puissance|Méint a Leeschtungsklass",
	class: "class|Klasse|classe|Klass",
	above: "above it|darüber|au-dessus|driwwer",
	cost: "cost|Kosten|coût|Käschten",
	missing: "missing|fehlend|manquants|feelend",
	falls: "Registers that fell|Gefallene Zählerstände|Index qui ont baissé|Gefalen Zielerstänn",
	csv: "CSV, quarter hours|CSV, Viertelstunden|CSV, quarts d'heure|CSV, Véierelstonnen",
	csvAll: "CSV, every reading|CSV, jeder Wert|CSV, chaque mesure|CSV, all Wäert",
	lost: "The recorder does not answer|Der Rekorder antwortet nicht|L'enregistreur ne répond pas|Den Enregistreur äntwert net",
	none: "No meter yet|Noch kein Zähler|Pas encore de compteur|Nach keen Zieler",
	partial: "not all of it was seen|nicht alles wurde gesehen|incomplet|net alles gesinn",
};

export type RecorderWord = keyof typeof recorderWords;

export function tell(word: RecorderWord): string {
	return recorderWords[word].split("|")[at]!;
}

/** A moment in words, as much of it as `how` has. UTC in seconds. */
export function formatMoment(seconds: number, how: Intl.DateTimeFormatOptions): string {
	return new Date(seconds * 1000).toLocaleDateString(locale, how);
}
