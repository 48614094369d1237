// First thing that runs under `npm start` and `npm test`, with nothing installed and any Node from 18 on (older ones
// are told so, hence the plain old syntax). It fetches Node 24 and pnpm through npx, installs from the lock file when
// that is needed, and hands over to scripts/<command>.ts.
'use strict';

var major = parseInt(process.versions.node, 10);
if (major < 18) {
  console.error(
    'SoulSeer needs Node 18 or newer to begin (it fetches Node 24 by itself); this is Node ' +
      process.versions.node +
      '. Install a newer one from https://nodejs.org, then run this again.',
  );
  process.exit(1);
}

var childProcess = require('child_process');
var crypto = require('crypto');
var fs = require('fs');
var path = require('path');

var NODE_VERSION = '24.21.0';
var ROOT = path.resolve(__dirname, '..');
var PNPM_VERSION = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')).packageManager.split(
  '@',
)[1];
var HOME = path.resolve(ROOT, process.env.SOULSEER_HOME || '.soulseer');
var INSTALL_STAMP = path.join(ROOT, 'node_modules', '.soulseer-install');
var FREE_BYTES_TO_INSTALL = 4e9;

/** Says in one line what is wrong and what mends it, and ends. */
function giveUp(line) {
  console.error('\n✗ ' + line);
  process.exit(1);
}

/** One line with cause and mend for what npx or pnpm printed; null when the cause is unknown. */
function causeOf(output) {
  if (/ENOSPC|no space left on device/i.test(output)) {
    return (
      'The disk is full: free some space (about 4 GB are needed) under ' +
      ROOT +
      ' and in your home folder, then run this again.'
    );
  }
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|META_FETCH_FAIL|network (error|request)|fetch failed|socket hang up/i.test(
      output,
    )
  ) {
    return 'The npm registry can’t be reached: check the network, the proxy and `npm config get registry`, then run this again.';
  }
  if (/ERR_PNPM_OUTDATED_LOCKFILE/.test(output)) {
    return 'pnpm-lock.yaml doesn’t match a package.json: run `pnpm install` and commit the lock file.';
  }
  if (/EACCES|EPERM/.test(output)) {
    return 'A file can’t be written (no permission): see the lines above for which, give your user the right to it, then run this again.';
  }
  return null;
}

function step(title) {
  var started = Date.now();
  process.stdout.write('  · ' + title + ' …\n');
  return function done() {
    process.stdout.write('  ✓ ' + title + '  ' + ((Date.now() - started) / 1000).toFixed(1) + ' s\n');
  };
}

function run(command, args, options) {
  var result = childProcess.spawnSync(
    command,
    args,
    Object.assign({ cwd: ROOT, encoding: 'utf8', maxBuffer: 64e6 }, options),
  );
  var output = (result.stdout || '') + (result.stderr || '') + (result.error ? String(result.error) : '');
  return { ok: result.status === 0, stdout: result.stdout || '', output: output };
}

function failed(what, result) {
  var cause = causeOf(result.output);
  if (!cause || process.env.SOULSEER_VERBOSE) console.error(result.output.split('\n').slice(-40).join('\n'));
  giveUp(cause || what + ' failed: the lines above say why.');
}

/** A folder on PATH with Node 24 and pnpm, fetched once from the npm registry into npx's own cache. */
function toolchain() {
  var file = path.join(HOME, 'toolchain.json');
  var wanted = NODE_VERSION + ' ' + PNPM_VERSION;
  try {
    var kept = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (kept.wanted === wanted && fs.existsSync(kept.node) && fs.existsSync(path.join(kept.bin, 'pnpm')))
      return kept;
  } catch (error) {
    void error; // (Naming it keeps the syntax plain.)
    // Not there yet, or from another version: fetched below.
  }
  var done = step('Node ' + NODE_VERSION + ' and pnpm ' + PNPM_VERSION);
  var script = 'node -p "JSON.stringify({ node: process.execPath, path: process.env.PATH })"';
  // Left to itself, npm tries for more than a minute before it says that it has no network.
  var environment = Object.assign(
    { npm_config_fetch_retries: '1', npm_config_fetch_retry_mintimeout: '2000' },
    process.env,
  );
  var args = ['--yes', '-p', 'node@' + NODE_VERSION, '-p', 'pnpm@' + PNPM_VERSION, '-c', script];
  var result = run(process.platform === 'win32' ? 'npx.cmd' : 'npx', args, { env: environment });
  if (!result.ok) failed('Fetching Node ' + NODE_VERSION + ' and pnpm', result);
  var answer = JSON.parse(result.stdout.trim().split('\n').pop());
  var bin = answer.path
    .split(path.delimiter)
    .filter(
      (folder) => fs.existsSync(path.join(folder, 'pnpm')) && fs.existsSync(path.join(folder, 'node')),
    )[0];
  if (!bin)
    giveUp(
      'npx fetched Node ' +
        NODE_VERSION +
        ' and pnpm, but they are not on its PATH: run `npm cache verify`, then this again.',
    );
  var found = { wanted: wanted, node: answer.node, bin: bin };
  try {
    fs.mkdirSync(HOME, { recursive: true });
    fs.writeFileSync(file, JSON.stringify(found));
  } catch (error) {
    failed('Writing ' + file, { output: String(error) });
  }
  done();
  return found;
}

/** What decides whether node_modules is as it should be. */
function installKey() {
  var hash = crypto.createHash('sha256').update(NODE_VERSION + ROOT);
  [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'package.json',
    'cms/package.json',
    'commerce/package.json',
    'realtime/package.json',
    'site/package.json',
    'sandbox/package.json',
  ].forEach((name) => {
    hash.update(fs.readFileSync(path.join(ROOT, name)));
  });
  return hash.digest('hex');
}

function install(environment) {
  var key = installKey();
  if (fs.existsSync(INSTALL_STAMP) && fs.readFileSync(INSTALL_STAMP, 'utf8') === key) return;
  if (fs.statfsSync) {
    var disk = fs.statfsSync(ROOT);
    var free = disk.bavail * disk.bsize;
    if (free < FREE_BYTES_TO_INSTALL) {
      giveUp(
        'The disk is nearly full: ' +
          (free / 1e9).toFixed(1) +
          ' GB free under ' +
          ROOT +
          ', 4 GB are needed. Free some space, then run this again.',
      );
    }
  }
  var done = step('packages from the lock file');
  // CI=true: pnpm asks nothing when it has to lay node_modules anew.
  var result = run('pnpm', ['install', '--frozen-lockfile'], {
    env: Object.assign({}, environment, { CI: 'true' }),
  });
  if (!result.ok) failed('Installing the packages', result);
  fs.writeFileSync(INSTALL_STAMP, key);
  done();
}

function main() {
  var command = process.argv[2];
  var tools = toolchain();
  var environment = Object.assign({}, process.env, {
    PATH: tools.bin + path.delimiter + path.dirname(tools.node) + path.delimiter + process.env.PATH,
    TURBO_TELEMETRY_DISABLED: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    MEDUSA_DISABLE_TELEMETRY: 'true',
    ASTRO_TELEMETRY_DISABLED: '1',
  });
  install(environment);

  var child = childProcess.spawn(
    tools.node,
    [path.join(__dirname, command + '.ts')].concat(process.argv.slice(3)),
    {
      cwd: ROOT,
      env: environment,
      stdio: 'inherit',
    },
  );
  // A terminal's Ctrl-C reaches the child by itself; a signal sent to this process alone has to be passed on.
  ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => {
    process.on(signal, () => {
      child.kill(signal);
    });
  });
  child.on('exit', (code, signal) => {
    process.exit(code === null ? 128 + (require('os').constants.signals[signal] || 0) : code);
  });
}

main();
