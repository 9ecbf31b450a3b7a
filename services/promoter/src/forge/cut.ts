/** GitLab takes 255 characters in a title, and GitHub one more. */
export const cutTitle = (text: string) => cut(text, 255);

/** GitHub takes 65,536 characters in a description and in a comment. */
export const cutBody = (text: string) => cut(text, 60_000);

/** GitHub takes 140 characters in the description of a status. */
export const cutDescription = (text: string) => cut(text, 140);

/** Ends a longer text with an ellipsis, between two characters. */
function cut(text: string, limit: number): string {
  const characters = [...text];
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`;
}
