// The editor: CodeMirror with SPARQL's grammar, https://codemirror.net/
import { acceptCompletion, autocompletion, completionStatus, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, toggleComment } from "@codemirror/commands";
import { bracketMatching, codeFolding, foldGutter, foldKeymap, foldService, indentUnit } from "@codemirror/language";
import { linter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { EditorState, Prec } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin, drawSelection, highlightActiveLine, hoverTooltip, keymap, placeholder } from "@codemirror/view";
import { completionSources, missingDeclaration } from "./completion.js";
import { contextAt } from "./context.js";
import { format } from "./format.js";
import { checked } from "./lookups.js";
import { FUNCTIONS } from "./functions.js";
import { expanded } from "./terms.js";
import { tokenAt, tokens } from "./tokens.js";
import { unknownTerms } from "./unknown.js";

const CHECK_PAUSE = 800; // milliseconds between the last key and the check

const FUNCTION_NAMES = new Set(FUNCTIONS.map(({ name }) => name));
const LONGEST = 200_000; // characters of a query that is coloured

// Each kind of token has a class of its own; what it looks like stands with the page's styles.
const colours = ViewPlugin.define(
  (view) => ({
    decorations: coloured(view.state.doc.toString()),
    update(update) {
      if (update.docChanged) this.decorations = coloured(update.state.doc.toString());
    },
  }),
  { decorations: (plugin) => plugin.decorations },
);

function coloured(text) {
  if (text.length > LONGEST) return Decoration.none;
  const shown = tokens(text).filter(({ kind }) => kind !== "sign");
  return Decoration.set(shown.map((token) => Decoration.mark({ class: `tok-${classOf(token)}` }).range(token.from, token.to)));
}

function classOf({ kind, text }) {
  if (kind !== "word") return kind;
  return FUNCTION_NAMES.has(text.toUpperCase()) ? "function" : "keyword";
}

const LANGUAGE = { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{", '"', "'"] } };

// Makes an editor. place: element; field: the text field it stands for; around: what completion
// knows. on: {run, change, mistake}, called with what their names say.
export function makeEditor(place, field, words, around, on) {
  const options = { words, around, on };
  const label = field.labels?.[0]?.textContent.trim() || words.query;
  const view = new EditorView({ parent: place, state: newState(field.value, label, options) });
  return {
    view,
    get text() {
      return view.state.doc.toString();
    },
    state: (text) => newState(text, label, options),
    replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 } }),
    format: () => reformat(view),
    comment: () => toggleComment(view) && view.focus(),
    search: () => openSearchPanel(view),
    focus: () => view.focus(),
  };
}

function reformat(view) {
  const text = view.state.doc.toString();
  const laid = format(text);
  if (laid !== text) view.dispatch({ changes: { from: 0, to: text.length, insert: laid }, selection: { anchor: Math.min(view.state.selection.main.head, laid.length) } });
  view.focus();
  return true;
}

function newState(doc, label, { words, around, on }) {
  return EditorState.create({
    doc,
    extensions: [
      Prec.highest(
        keymap.of([
          { key: "Mod-Enter", run: () => (on.run(), true) },
          { key: "Shift-Alt-f", run: reformat },
          { key: "Mod-i", run: startCompletion },
          { key: "Tab", run: acceptCompletion },
        ]),
      ),
      history(),
      drawSelection(),
      EditorView.lineWrapping,
      indentUnit.of("  "),
      EditorState.languageData.of(() => [LANGUAGE]),
      colours,
      bracketMatching(),
      closeBrackets(),
      folding(words),
      autocompletion({ override: completionSources(words, around), icons: false, optionClass: (option) => `is-${option.type}`, maxRenderedOptions: 60 }),
      linter((view) => check(view, words, around, on), { delay: CHECK_PAUSE, tooltipFilter: (found) => found }),
      hoverTooltip((view, at) => explain(view, at, around), { hoverTime: 250 }),
      search({ top: true }),
      highlightSelectionMatches(),
      highlightActiveLine(),
      EditorView.domEventHandlers({ beforeinput: replaceSelection }),
      placeholder(words.placeholder),
      EditorState.phrases.of(words.phrases),
      EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": "keys", spellcheck: "false", autocapitalize: "off" }),
      EditorView.updateListener.of((update) => {
        // So that what is offered can be scrolled without a mouse, too; Tab takes what is chosen.
        update.view.dom.querySelector(".cm-tooltip-autocomplete > ul")?.setAttribute("tabindex", "0");
        if (!update.docChanged) return;
        on.change(update.state.doc.toString());
        if (update.transactions.some((each) => each.isUserEvent("input.type"))) declare(update.view, around);
      }),
      keymap.of([...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap, ...defaultKeymap]),
    ],
  });
}

// Browsers give text that takes the place of coloured text a style of its own, which a strict
// Content-Security-Policy complains of: it is put in by the editor instead.
function replaceSelection(event, view) {
  const { from, to, empty } = view.state.selection.main;
  if (event.inputType !== "insertText" || empty || view.composing || !event.data) return false;
  event.preventDefault();
  const insert = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
  const isHandled = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, event.data, insert));
  if (!isHandled) view.dispatch(insert());
  return true;
}

function declare(view, around) {
  const head = view.state.selection.main.head;
  const text = missingDeclaration(view.state.doc.toString(), head, around.prefixes, around.schema.prefixes);
  if (text) setTimeout(() => view.dispatch({ changes: { from: 0, insert: text } }));
}

function folding(words) {
  return [
    codeFolding({ placeholderText: "…" }),
    foldGutter({
      markerDOM(open) {
        const mark = document.createElement("span");
        mark.textContent = open ? "⌄" : "›";
        mark.title = open ? words.fold : words.unfold;
        return mark;
      },
    }),
    foldService.of((state, from, to) => {
      const list = tokens(state.doc.toString());
      const opening = list.findLastIndex((token) => token.text === "{" && token.from >= from && token.from < to);
      if (opening < 0) return null;
      let depth = 0;
      for (const token of list.slice(opening)) {
        depth += token.text === "{" ? 1 : token.text === "}" ? -1 : 0;
        if (depth === 0) return token.from > to ? { from: list[opening].to, to: token.from } : null;
      }
      return null;
    }),
  ];
}

// The server's own diagnosis of the query, without running it.
async function check(view, words, around, on) {
  const text = view.state.doc.toString();
  if (!text.trim() || completionStatus(view.state) === "active") return on.mistake(null), [];
  const said = await checked(words, text);
  if (!said) return [];
  if (view.state.doc.toString() !== text) return [];
  on.mistake(said.well_formed ? null : said);
  return said.well_formed ? warnings(text, words, around) : [diagnostic(view, said, words)];
}

function warnings(text, words, { schema, prefixes }) {
  return unknownTerms(text, schema, prefixes).map(({ from, to, name, nearest }) => ({
    from,
    to,
    severity: "warning",
    message: words.unknown.replace("{name}", name),
    actions: nearest ? [{ name: words.mend_to.replace("{name}", nearest), apply: (view, start, end) => view.dispatch({ changes: { from: start, to: end, insert: nearest }, userEvent: "input.mend" }) }] : [],
  }));
}

function diagnostic(view, said, words) {
  const { doc } = view.state;
  const line = doc.line(Math.max(1, Math.min(said.line, doc.lines)));
  const from = Math.min(line.from + said.column - 1, line.to);
  const token = tokenAt(doc.toString(), Math.min(from + 1, doc.length));
  const to = token && token.from <= from && token.to > from ? token.to : Math.min(from + 1, doc.length);
  const actions = said.corrected ? [{ name: words.mend, apply: (target) => target.dispatch({ changes: { from: 0, to: target.state.doc.length, insert: said.corrected }, userEvent: "input.mend" }) }] : [];
  return { from: Math.min(from, to), to, severity: "error", message: said.message, actions };
}

async function explain(view, at, { labels, prefixes }) {
  const text = view.state.doc.toString();
  const token = tokenAt(text, at);
  if (!token || !["iri", "name"].includes(token.kind)) return null;
  const iri = expanded(token.text, contextAt(text, 0, prefixes).prefixes);
  if (!iri) return null;
  await labels.fetch([iri]);
  return {
    pos: token.from,
    end: token.to,
    above: true,
    create() {
      const dom = document.createElement("div");
      dom.className = "hover";
      const name = document.createElement("strong");
      name.textContent = labels.of(iri);
      dom.append(name, name.textContent ? document.createElement("br") : "", iri);
      return { dom };
    },
  };
}
