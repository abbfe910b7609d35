/** Pieces of HTML for set-up's pages. */

/** Text that means nothing in HTML, in or out of quotes. */
export function toHtml(text: string): string {
	return text
		.replaceAll("&", "&amp;")
		.replaceAll("<", "&lt;")
		.replaceAll(">", "&gt;")
		.replaceAll('"', "&quot;")
		.replaceAll("'", "&#39;");
}

export function button(action: string, text: string, isSecond = false): string {
	return `<form method="post" action="${action}"><button${isSecond ? ' class="second"' : ""}>${toHtml(text)}</button></form>`;
}

export function paragraph(text: string, kind = ""): string {
	return `<p${kind === "" ? "" : ` class="${kind}"`}>${toHtml(text)}</p>`;
}

/** While something is tried: asks again, and puts the answer in the place of what is shown. A network that is gone for a moment costs nothing. */
export const script =
	"let b=document.body;const t=setInterval(()=>b.dataset.wait?fetch('/',{signal:AbortSignal.timeout(4e3)}).then(r=>r.text()).then(x=>{" +
	"const n=document.adoptNode(new DOMParser().parseFromString(x,'text/html').body);b.replaceWith(n);b=n}).catch(()=>{}):clearInterval(t),2e3)";

export const style =
	":root{color-scheme:light dark}body{background:Canvas;color:CanvasText;font:1rem/1.4 system-ui,sans-serif;max-width:30rem;margin:0 auto;padding:1rem}" +
	"label{display:block;margin-top:.8rem}input{display:block;box-sizing:border-box;width:100%;font:inherit;padding:.5rem}" +
	"input[type=checkbox]{display:inline;width:auto}button{font:inherit;width:100%;padding:.7rem;margin-top:1rem;border:0;border-radius:.4rem;" +
	"background:#2563c9;color:#fff}.second{background:#666}.bad{color:#c22}.good{color:#183}small{opacity:.8}code{font-size:1.2em;overflow-wrap:anywhere}" +
	"@media(prefers-color-scheme:dark){.bad{color:#f88}.good{color:#7d9}}";

/** The hashes of both, as a policy has them: nothing else runs, or styles. */
export const scriptHash = "sha256-Z1mTB3ADEgVh6XB06ZR7T4fKIvVb+FSclaX7g5mvu60=";
export const styleHash = "sha256-xaRkV5egQKGir3fDcu9nl5TBiCIXTHTCTz+oi4FF9+Q=";
