// The grammar on real scripts: every line is tokenised as an editor does it.

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const test = require("node:test");
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

const root = path.join(__dirname, "..");
const scripts = path.join(root, "../../examples/scripts");

async function grammar() {
  const wasm = fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const file = path.join(root, "syntaxes/deluge.tmLanguage.json");
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(fs.readFileSync(file, "utf8"), file),
  });
  return registry.loadGrammar("source.deluge");
}

const loaded = grammar();

// Every token as [text, innermost scope without the name of the language].
async function tokens(text) {
  const rules = await loaded;
  const found = [];
  let state = textmate.INITIAL;
  for (const line of text.split("\n")) {
    const result = rules.tokenizeLine(line, state);
    state = result.ruleStack;
    for (const token of result.tokens) {
      const scope = token.scopes.at(-1).replace(/\.deluge$/, "");
      found.push([line.slice(token.startIndex, token.endIndex).trim(), scope]);
    }
  }
  return { found, depth: state.depth };
}

async function scopeOf(text, word, nth = 0) {
  const { found } = await tokens(text);
  return found.filter(([piece]) => piece === word)[nth]?.[1];
}

test("words have the scope of what they are", async () => {
  const cases = [
    ["string standalone.greet(String name)", "greet", "entity.name.function"],
    ["string standalone.greet(String name)", "name", "variable.parameter"],
    ["for each index i in list", "index", "keyword.control.loop"],
    ["for each index in list", "index", "variable.other"],
    ["for each x in list", "in", "keyword.operator.word"],
    ["if(a == null && !b)", "if", "keyword.control"],
    ["if(a == null && !b)", "null", "constant.language"],
    ["info x;", "info", "keyword.other"],
    ["info = 1;", "info", "variable.other"],
    ["x = m.get(\"k\");", "get", "entity.name.function.member"],
    ["x = \"a\\\"b\"; y", "y", "variable.other"],
    ["x = 4.50;", "4.50", "constant.numeric"],
    ["x = zoho.currentdate;", "zoho.currentdate", "support.constant"],
    ["x = zoho.crm.invokeConnector(a, b);", "invokeConnector", "entity.name.function.member"],
    ["// a note", "// a note", "comment.line.double-slash"],
    ["r = invokeurl [ url: u type: POST content-type: c ];", "url", "variable.other.property"],
    ["r = invokeurl [ url: u type: POST content-type: c ];", "POST", "constant.language"],
    ["r = invokeurl [ url: u type: POST content-type: c ];", "content-type", "variable.other.property"],
    ["r = invokeurl [ url: a[0] headers: {\"k\": v} ]; if(x)", "if", "keyword.control"],
    ["sendmail\n[\n\tto: a\n\treply to: b\n]\nif(x)", "reply to", "variable.other.property"],
    ["sendmail\n[\n\tto: a\n\treply to: b\n]\nif(x)", "if", "keyword.control"],
  ];
  for (const [text, word, scope] of cases) {
    assert.strictEqual(await scopeOf(text, word), scope, `${word} in ${text}`);
  }
});

test("the example scripts leave nothing open and colour every word", async () => {
  const files = fs.readdirSync(scripts).filter((name) => name.endsWith(".dg"));
  assert.ok(files.length > 3);
  for (const name of files) {
    const { found, depth } = await tokens(fs.readFileSync(path.join(scripts, name), "utf8"));
    assert.strictEqual(depth, 1, `${name} ends inside a text, a comment or a bracket`);
    for (const [piece, scope] of found) {
      assert.ok(!/^\w+$/.test(piece) || scope !== "source", `${name}: \`${piece}\` has no scope`);
    }
  }
});

test("what the manifest names is there", () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  const { grammars, languages } = manifest.contributes;
  const paths = [...grammars.map((g) => g.path), ...languages.map((l) => l.configuration), manifest.main];
  for (const file of paths) {
    const text = fs.readFileSync(path.join(root, file), "utf8");
    if (file.endsWith(".json")) JSON.parse(text);
  }
});
