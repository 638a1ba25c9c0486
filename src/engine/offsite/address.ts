/** Repositories' addresses and what else is secret: nothing of it is shown, logged or recorded. */

/** Variables of restic and its back ends that hold a secret, and not only its place. */
const SECRET = /(PASSWORD|SECRET|TOKEN|ACCOUNT_KEY|ACCESS_KEY|_KEY|CREDENTIALS|SAS)$/;
const PLACE = /_(FILE|COMMAND)$/;
/** What is shorter would be found in any text. */
const SHORTEST = 4;

/** An address as it may be shown: `rest:http://user:word@host/r` is `rest:http://host/r`. */
export function shownAddress(address: string): string {
  return address.replace(/(\/\/)[^/\s]*@/g, '$1').replace(/^(sftp:)[^@/:]*:[^@/]*@/, '$1');
}

/** Takes secrets of an environment, and what addresses hold of them, out of a text. */
export function withoutSecrets(text: string, env: NodeJS.ProcessEnv): string {
  const secrets = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value.length >= SHORTEST && SECRET.test(name) && !PLACE.test(name) ? [value] : [],
  );
  const address = env.RESTIC_REPOSITORY ?? '';
  const [, user = ''] = /\/\/([^/\s]*)@/.exec(address) ?? [];
  // restic itself writes `***` for the word.
  const parts = [address, user, ...user.split(':'), decoded(user)].filter(part => part.length >= SHORTEST);
  let shown = text.replaceAll(address === '' ? '\0' : address, shownAddress(address));
  for (const secret of [...secrets, ...parts.filter(part => part !== address)]) shown = shown.replaceAll(secret, '***');
  return shown.replace(/(\/\/)[^/\s@]*@/g, '$1');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
