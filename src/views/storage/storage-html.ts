import { randomBytes } from 'node:crypto';
import { Uri, type Webview } from 'vscode';

/** The folder that the page may load from. */
export function pageFolder(extensionUri: Uri): Uri {
  return Uri.joinPath(extensionUri, 'dist', 'page');
}

/**
 * The empty page. It may run one script and one style sheet of the extension's and load nothing else. No inline style
 * is allowed either: the charts set theirs through the DOM's own calls, which the policy does not concern.
 */
export function pageHtml(webview: Webview, extensionUri: Uri, title: string, language: string): string {
  const folder = pageFolder(extensionUri);
  const script = webview.asWebviewUri(Uri.joinPath(folder, 'storage.js')).toString();
  const style = webview.asWebviewUri(Uri.joinPath(folder, 'storage.css')).toString();
  const nonce = randomBytes(16).toString('base64url');
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource}; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="${escape(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escape(style)}">
<title>${escape(title)}</title>
</head>
<body>
<main id="page" aria-busy="true"></main>
<script nonce="${nonce}" src="${escape(script)}"></script>
</body>
</html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`);
}
