/** The page's language: the browser's, or the one that is pressed. */
const names = { en: "English", de: "Deutsch", fr: "Français", lb: "Lëtzebuergesch" };
const words = {
	en: [
		"Install",
		"This browser cannot install. Use Chrome, Edge or Firefox on a computer.",
		"This page must come over HTTPS.",
	],
	de: [
		"Installieren",
		"Dieser Browser kann nicht installieren. Chrome, Edge oder Firefox auf einem Computer benutzen.",
		"Diese Seite muss über HTTPS kommen.",
	],
	fr: [
		"Installer",
		"Ce navigateur ne peut pas installer. Utilisez Chrome, Edge ou Firefox sur un ordinateur.",
		"Cette page doit venir par HTTPS.",
	],
	lb: [
		"Installéieren",
		"Dëse Browser kann net installéieren. Huelt Chrome, Edge oder Firefox op engem Computer.",
		"Dës Säit muss iwwer HTTPS kommen.",
	],
};
const parts = ["install", "unsupported", "not-allowed"];
const nav = document.querySelector("nav");

function show(language) {
	document.documentElement.lang = language;
	for (const section of document.querySelectorAll("[data-language]"))
		section.hidden = section.dataset.language !== language;
	for (const [at, id] of parts.entries()) document.getElementById(id).textContent = words[language][at];
	for (const button of nav.children) button.setAttribute("aria-pressed", String(button.lang === language));
}

for (const [language, name] of Object.entries(names)) {
	const button = document.createElement("button");
	button.type = "button";
	button.lang = language;
	button.textContent = name;
	button.addEventListener("click", () => show(language));
	nav.append(button);
}
show(navigator.languages.map(name => name.slice(0, 2)).find(name => name in names) ?? "en");
