/**
 * Which files can make a computer do something, told by their names and modes. Who is asked about many files is shown
 * these first. No list is complete; docs/agents.md has this one in words.
 */

/** What runs by itself: when a terminal, an editor, an agent or a session is opened, on a commit, on a server. */
const UNASKED = [
  // git, and what hooks it
  /(^|\/)\.git\/(.*\/)?(hooks(\/|$)|config(\.worktree)?$)/,
  /(^|\/)(\.git|\.gitconfig|\.gitmodules|\.pre-commit-config\.yaml|\.?lefthook(-local)?\.ya?ml)$/,
  /(^|\/)(\.husky|\.githooks|git-hooks)(\/|$)/,
  // CI
  /(^|\/)\.(github|gitea|forgejo)\/(workflows|actions)(\/|$)/,
  /(^|\/)\.(circleci|buildkite|woodpecker|gitlab|teamcity|azure-pipelines)(\/|$)/,
  /(^|\/)(\.gitlab-ci|\.travis|\.drone|\.woodpecker|\.?appveyor|\.?azure-pipelines|bitbucket-pipelines|\.cirrus|cloudbuild)\.ya?ml$/,
  /(^|\/)jenkinsfile[^/]*$/,
  // shells and sessions
  /(^|\/)\.(bashrc|bash_[^/]+|profile|zshrc|zshenv|zprofile|zlogin|zlogout|cshrc|tcshrc|login|logout|kshrc|mkshrc|shrc|envrc|inputrc|x(profile|initrc|session(rc)?))$/,
  /(^|\/)(config\.fish|fish\/(conf\.d|functions)\/[^/]+|[^/]*profile\.ps1)$/,
  /(^|\/)(autostart|systemd|launchagents|launchdaemons|startup|cron\.[a-z]+|\.ssh)(\/|$)|(^|\/)crontab$/,
  // editors and agents
  /(^|\/)\.(vscode|idea|devcontainer|fleet|zed|cursor|claude|codex|gemini)(\/|$)/,
  /(^|\/)(\.devcontainer\.json|\.?mcp\.json|\.dir-locals\.el|\.emacs|\.(n?vim|gvim|ex)rc|\.nvim\.lua|[^/]+\.code-workspace)$/,
];

/** What is run when its tool is started, or when it is opened. */
const STARTED = [
  // builds and packages
  /(^|\/)(package\.json|\.npmrc|\.yarnrc(\.yml)?|\.?pnpmfile\.c?js|makefile|gnumakefile|cmakelists\.txt|[^/]+\.mk|justfile|taskfile\.ya?ml|rakefile|gemfile|vagrantfile|procfile|build\.rs|pom\.xml|[^/]+\.gradle(\.kts)?|gradlew|mvnw)$/,
  /(^|\/)(setup\.py|conftest\.py|sitecustomize\.py|noxfile\.py|pyproject\.toml|tox\.ini|[^/]+\.pth)$/,
  /(^|\/)((docker|container)file[^/]*|(docker-)?compose[^/]*\.ya?ml)$|(^|\/)\.(cargo|mvn|yarn)(\/|$)/,
  // programs
  /\.(sh|bash|zsh|fish|command|desktop|exe|com|bat|cmd|ps1|vbs|wsf|hta|msi|scr|lnk|jar|dll|so|dylib)$/,
];

/**
 * `unasked`: it may run without anybody starting it; `started`: somebody starts it, or it is executable; `undefined`: it
 * is not known to run.
 * @param path of a file or a link, where it will stand; with `/` or `\` @param executable whether a file has an execute bit
 */
export function whenItRuns(path: string, executable: boolean): 'unasked' | 'started' | undefined {
  // Case does not count on every system, and where it does, the other spelling does no harm.
  const plain = path.replaceAll('\\', '/').toLowerCase();
  if (UNASKED.some(pattern => pattern.test(plain))) return 'unasked';
  return executable || STARTED.some(pattern => pattern.test(plain)) ? 'started' : undefined;
}
