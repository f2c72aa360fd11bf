// A large file from a browser to a terminal and from there to another browser, over connections that are cut ten times each way:
// whether the bytes are equal, how long it takes, and how much memory it costs at its highest. MIB says how large it is.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, createReadStream, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Profile } from '../support/chromium.js';
import { Line } from '../support/line.js';
import { Native } from '../support/native.js';
import { find, openChat, register, say } from '../support/person.js';
import { Server } from '../support/server.js';

/** @typedef {import('playwright-core').Page} Page */

const SIZE_MIB = Number(process.env.MIB ?? 1024);
const MIB = 1024 * 1024;
const CUTS = 10;
const PASSWORD = 'correct horse battery staple';

const folder = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'sotto-large-file-'));
const server = await Server.start(join(folder, 'server'), '[web]\ndirectory = "/work/main/web/dist"\n');
const lines = { browser: await Line.open(server.port), native: await Line.open(server.port) };
const alice = new Profile(join(folder, 'alice'), lines.browser.origin);
const bob = new Native(join(folder, 'bob'), lines.native.origin, PASSWORD);

/** @param {string} path */
async function digest(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** @param {string} path */
function writeRandom(path) {
  const file = openSync(path, 'w');
  for (let written = 0; written < SIZE_MIB; written += 1) writeSync(file, randomBytes(MIB));
  closeSync(file);
}

/** What a process has in memory, in MiB. @param {number | undefined} id */
function resident(id) {
  try {
    const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? [];
    return Number(kib) / 1024;
  } catch {
    // It has ended.
    return 0;
  }
}

/**
 * Does something, and prints how long it took and how much memory was in use meanwhile.
 * @param {string} what
 * @param {Line} line
 * @param {() => Promise<number>} memory in MiB
 * @param {() => Promise<void>} work
 */
async function measured(what, line, memory, work) {
  line.cutEvery((SIZE_MIB * MIB) / (CUTS + 1), CUTS);
  const before = await memory();
  let most = before;
  const watch = setInterval(() => void memory().then((now) => (most = Math.max(most, now))), 100);
  const begun = performance.now();
  try {
    await work();
  } finally {
    clearInterval(watch);
  }
  const seconds = (performance.now() - begun) / 1000;
  console.log(
    `${what}: ${seconds.toFixed(1)} s, ${(SIZE_MIB / seconds).toFixed(1)} MiB/s, cut off ${line.cuts} times; ` +
      `memory ${before.toFixed(0)} MiB before, ${most.toFixed(0)} MiB at most`,
  );
}

/** What the tab and the worker of the client in it have in memory, in MiB. */
async function browserMemory() {
  const session = await alice.context.browser()?.newBrowserCDPSession();
  if (!session) return 0;
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return Math.max(...processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => resident(id)));
}

/**
 * Runs a command of the terminal until it has done what it is for: one that was cut off goes on where it was.
 * @param {...string} args
 */
async function does(...args) {
  for (let attempt = 0; attempt <= CUTS; attempt += 1) {
    running = bob.run(...args);
    running.endInput();
    const { code } = await running.ended;
    if (code === 0) return;
    console.log(`  the terminal ended with ${code}: ${running.errors.at(-1)}`);
  }
  throw new Error('the terminal did not come to an end');
}
/** @type {import('../support/program.js').Program | undefined} */
let running;
const nativeMemory = async () => resident(running?.id);

try {
  const [sent, received] = [join(folder, 'film.bin'), join(folder, 'received.bin')];
  writeRandom(sent);
  const wanted = await digest(sent);
  const page = await alice.start('/');
  await register(page, 'alice', PASSWORD);
  await bob.does('register', 'bob');
  await find(page, 'bo', 'bob');
  await say(page, 'here is the film');
  await bob.does('accept', 'alice');


  await alice.stop();
  const {spawn}=await import('node:child_process');
  const chrome=spawn('/usr/bin/chromium',['--headless=new','--no-sandbox','--disable-gpu','--no-first-run','--disable-background-networking','--remote-debugging-port=9333',`--user-data-dir=${join(folder,'alice')}`,lines.browser.origin+'/dm/bob'],{stdio:'ignore'});
  let list; for(;;){ try{ list=await (await fetch('http://127.0.0.1:9333/json')).json(); if(list.some(t=>t.type==='page')) break;}catch{} await new Promise(r=>setTimeout(r,300)); }
  const ws=new WebSocket(list.find(t=>t.type==='page').webSocketDebuggerUrl); await new Promise(r=>ws.onopen=r);
  let id=0; const waiting=new Map(); ws.onmessage=e=>{const m=JSON.parse(e.data); waiting.get(m.id)?.(m.result??m.error);};
  const send=(method,params={})=>{const k=++id; const p=new Promise(r=>waiting.set(k,r)); ws.send(JSON.stringify({id:k,method,params})); return p;};
  const until=async(expression)=>{for(;;){const r=await send('Runtime.evaluate',{expression}); if(r.result?.value) return; await new Promise(r=>setTimeout(r,200));}};
  await until(`!!document.querySelector('input[type=file]')`);
  const rss=()=>{ let most=0; for(const e of readdirSync('/proc')){ if(!/^\d+$/.test(e)) continue; try{ const c=readFileSync('/proc/'+e+'/cmdline','utf8'); if(c.includes('--type=renderer')) most=Math.max(most,resident(e)); }catch{} } return most; };
  const {root}=await send('DOM.getDocument'); const {nodeId}=await send('DOM.querySelector',{nodeId:root.nodeId,selector:'input[type=file]'});
  const tick=setInterval(()=>console.log(rss().toFixed(0)),5000);
  await send('DOM.setFileInputFiles',{files:[sent],nodeId});
  await until(`[...document.querySelectorAll('dialog button, [role=dialog] button')].some(b=>b.textContent.trim()==='Send' && (b.click(),true))`);
  const begun=performance.now();
  await until(`!!document.querySelector('.row.own[data-state="accepted"]') && [...document.querySelectorAll('.row.own[data-state="accepted"]')].some(r=>r.textContent.includes('film.bin'))`);
  console.log('sent', ((performance.now()-begun)/1000).toFixed(1), rss());
  { let who,most=0; for(const e of readdirSync('/proc')){ if(!/^\d+$/.test(e)) continue; try{ if(readFileSync('/proc/'+e+'/cmdline','utf8').includes('--type=renderer') && resident(e)>most){most=resident(e);who=e;} }catch{} }
   const maps=readFileSync('/proc/'+who+'/smaps','utf8').split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/).map(m=>({h:m.split('\n')[0],r:Number(/^Rss:\s+(\d+)/m.exec(m)?.[1]??0)})).sort((a,b)=>b.r-a.r).slice(0,14); for(const m of maps) console.log((m.r/1024).toFixed(0),m.h.slice(0,90)); }
  clearInterval(tick); ws.close(); chrome.kill();
  console.log('the bytes are equal on both sides');
  for (const complaint of alice.complaints) console.log(`what must not happen: ${complaint}`);
} finally {
  await alice.stop();
  for (const line of Object.values(lines)) line.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
