/** The texts of pages; docs/login.md lists their English. */
type TextName =
  | 'signIn'
  | 'continueWith'
  | 'connect'
  | 'noProviders'
  | 'example'
  | 'signedIn'
  | 'closeWindow'
  | 'proceed'
  | 'signingIn'
  | 'needsScript'
  | 'failed'
  | 'unknownError'
  | 'expired'
  | 'unavailable'
  | 'unusableInput'
  | 'unknownProvider'
  | 'otherAccount'
  | 'loginRequired'
  | 'notSignedIn'
  | 'declined'
  | 'nothingDone'
  | 'crossSite'
  | 'tryAgain'
  | 'back'
  | 'reference'
  | 'details';

/**
 * Texts of the pages of the routes. Each default is that of the page's language, or the English
 * one. `{provider}` stands for the provider's name in `continueWith` and `connect`, `{example}` for
 * the example in `example`, `{reference}` for the reference in `reference`.
 */
export interface PageTexts extends Partial<Record<TextName, string | undefined>> {
  /**
   * Labels of the fields a user fills in, by the label of the client's `ask`. A `*` stands for one
   * name: `{ 'Your * server': 'Ihr *-Server' }`.
   */
  questions?: Readonly<Record<string, string>> | undefined;
}

/** The words of a page, all of them. */
export type Texts = { readonly [Name in keyof Required<PageTexts>]: NonNullable<PageTexts[Name]> };

export const english: Texts = {
  signIn: 'Sign in',
  continueWith: 'Continue with {provider}',
  connect: 'Connect {provider}',
  noProviders: 'There is nothing to sign in with yet.',
  questions: {},
  example: 'Example: {example}',
  signedIn: 'You are signed in',
  closeWindow: 'You can close this window.',
  proceed: 'Continue',
  signingIn: 'Signing in',
  needsScript: 'This sign-in needs JavaScript.',
  failed: 'Sign-in failed',
  unknownError:
    'Something went wrong while you were signing in. Nothing was changed. Please start again.',
  expired: 'This sign-in was started too long ago, or in another browser. Please start it again.',
  unavailable:
    'The other site is not responding at the moment. Please try again in a little while.',
  unusableInput:
    'You cannot sign in with what you entered. Please check it, or try something else.',
  unknownProvider: 'This way to sign in does not exist here.',
  otherAccount: 'You are not signed in with the account that this was started for.',
  loginRequired:
    'The other site must ask you a question before it can sign you in. Please start again.',
  notSignedIn: 'Not signed in',
  declined: 'You did not allow the sign-in, so nothing was shared.',
  nothingDone: 'Nothing was done',
  crossSite: 'This form was sent from another site.',
  tryAgain: 'Try again',
  back: 'Back',
  reference: 'Reference: {reference}',
  details: 'Details',
};

/** Fills the one variable of a text in. */
export function fill(text: string, value: string): string {
  return text.replaceAll(/\{\w+\}/g, () => value);
}

/** Returns the label of a question in the page's language, or the client's own. */
export function labelOf(label: string, questions: Texts['questions']): string {
  if (Object.hasOwn(questions, label)) return questions[label] ?? label;
  const words = label.split(' ');
  for (const [at, name] of words.entries()) {
    const key = words.with(at, '*').join(' ');
    if (Object.hasOwn(questions, key)) return (questions[key] ?? '').replace('*', () => name);
  }
  return label;
}
