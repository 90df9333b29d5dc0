/** The text in the language of man pages (groff_man(7)); a line that begins with a dot or quote is no request. */
export const escapeRoff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(?=[.'])/gm, '\\&');

/** A word in an argument of a request. */
const quoteRoff = (text: string): string => `"${escapeRoff(text).replaceAll('"', '\\(dq')}"`;

/** The heading of a section of a man page. */
export const heading = (title: string): string => `.SH ${title}\n`;
/** The heading of a part of a section of a man page. */
export const subheading = (title: string): string => `.SS ${quoteRoff(title)}\n`;
/** A paragraph of a man page; line breaks in the text say nothing. */
export const paragraph = (text: string): string => `.PP\n${escapeRoff(text)}\n`;
/** A text of a man page in bold. */
export const bold = (text: string): string => `\\fB${escapeRoff(text)}\\fR`;

/** An entry of a list in a man page: a term in bold, and what it means; `argument` follows the term in italics. */
export const entry = (term: string, text: string, argument = ''): string =>
  `.TP\n${bold(term)}${argument === '' ? '' : ` \\fI${escapeRoff(argument)}\\fR`}\n${escapeRoff(text)}\n`;

/** Lines of a man page as they are typed. */
export const literal = (lines: readonly string[]): string =>
  `.PP\n.nf\n.RS\n${lines.map((line) => `${escapeRoff(line)}\n`).join('')}.RE\n.fi\n`;
