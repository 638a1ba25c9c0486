/** Repositories' addresses and what else is secret: nothing of it is shown, logged or recorded. */

/** Variables of restic and its back ends that hold a secret, and not only its place. */
const SECRET = /(PASSWORD|SECRET|TOKEN|ACCOUNT_KEY|ACCESS_KEY|_KEY|CREDENTIALS|SAS)$/;
const PLACE = /_(FILE|COMMAND)$/;
/** Who somebody is, and their password, which may hold a `/`; not a port with a path in which an `@` is. */
const USER = /(\/\/)(?:[^/\s@]*|[^/\s@:]*:(?!\d+\/)[^@\s]*)@/;
/** What is shorter would be found in any text. */
const SHORTEST = 4;

/** An address as it may be shown: `rest:http://user:word@host/r` is `rest:http://host/r`. */
export function shownAddress(address: string): string {
  return address.replace(USER, '$1').replace(/^(sftp:)[^@/:]*:[^@/]*@/, '$1');
}

/** Takes secrets of an environment, and what addresses hold of them, out of a text. */
export function withoutSecrets(text: string, env: NodeJS.ProcessEnv): string {
  const secrets = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value.length >= SHORTEST && SECRET.test(name) && !PLACE.test(name) ? [value] : [],
  );
  const address = env.RESTIC_REPOSITORY ?? '';
  const user = (USER.exec(address)?.[0] ?? '').slice(2, -1);
  const parts = [user, ...user.split(':'), ...user.split(':').map(decoded)].filter(part => part.length >= SHORTEST);
  let shown = address === '' ? text : text.replaceAll(address, shownAddress(address));
  for (const secret of [...secrets, ...parts]) shown = shown.replaceAll(secret, '***');
  // restic itself writes `***` for the word.
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
