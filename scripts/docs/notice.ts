/** Stands in every page that is made from the program, so that nobody edits it by hand. */
export const generatedNotice = '<!-- Made by `npm run docs` from the program itself: change it there. -->'
