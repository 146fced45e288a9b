// Starts `sluis lsp` and connects the editor with it. Everything about the language is decided there.

const { commands, window, workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

function start() {
  const settings = workspace.getConfiguration("sluis");
  const server = {
    command: settings.get("path"),
    args: ["lsp", ...settings.get("arguments")],
    transport: TransportKind.stdio,
  };
  client = new LanguageClient("sluis", "Sluis", server, {
    documentSelector: [{ language: "deluge" }],
    // A connector file that changes changes what scripts may call.
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/connector.{yaml,yml}") },
  });
  return client.start().catch((error) => {
    const told = `Sluis: \`${server.command} lsp\` cannot be started (${error.message}). The setting "sluis.path" says where the binary is.`;
    window.showErrorMessage(told);
  });
}

async function stop() {
  const stopping = client;
  client = undefined;
  await stopping?.stop().catch(() => undefined);
}

async function activate(context) {
  const restart = async () => {
    await stop();
    await start();
  };
  context.subscriptions.push(commands.registerCommand("sluis.restart", restart));
  await start();
}

module.exports = { activate, deactivate: stop };
