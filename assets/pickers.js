// Makes the page of a saved query better where there is JavaScript: fields that search the labels
// of values as one types, several values, and buttons that copy. The page works without it all.
import accessibleAutocomplete from "accessible-autocomplete/src/wrapper.js";

const PAUSE = 200; // milliseconds between the last key and the search

function escaped(text) {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
}

function labelOf(pick, language) {
  return pick.labels[language] ?? Object.values(pick.labels)[0] ?? pick.value;
}

// Returns a function that fetches what an address lists for a search; only the last one asked for
// reaches the field, in whatever order answers come.
function searcher(address) {
  let timer;
  let asked = 0;
  return (search, found, failed) => {
    const mine = (asked += 1);
    clearTimeout(timer);
    timer = setTimeout(async () => {
      try {
        const target = `${address}?${new URLSearchParams({ search })}`;
        const response = await fetch(target, { headers: { Accept: "application/json" } });
        if (!response.ok) throw new Error(response.statusText);
        const listing = await response.json();
        if (mine === asked) found(listing);
      } catch (error) {
        if (mine === asked) failed(error);
      }
    }, PAUSE);
  };
}

// Puts a combobox in the place of a text field. What is sent stays in a hidden field.
function pick(entry, field, words) {
  const old = entry.querySelector("input");
  const hint = old.getAttribute("aria-describedby");
  const name = old.getAttribute("aria-label");
  const invalid = old.getAttribute("aria-invalid");
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = old.name;
  hidden.value = old.value;
  let shown = entry.dataset.label || old.value;
  const first = shown;
  let note = "";
  const search = searcher(field.dataset.values);
  const place = document.createElement("span");
  place.className = "combobox";
  old.replaceWith(hidden, place);
  accessibleAutocomplete({
    element: place,
    id: old.id,
    name: "",
    defaultValue: first,
    minLength: 0,
    showAllValues: true,
    autoselect: false,
    confirmOnBlur: false,
    displayMenu: "overlay",
    dropdownArrow: ({ className }) =>
      `<svg class="${className}" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="M3 5.5 8 11l5-5.5z"/></svg>`,
    placeholder: words.typing,
    source: (text, found) =>
      search(
        text === shown ? "" : text,
        (listing) => {
          note = listing.more ? ` ${words.more}` : "";
          found(listing.values);
        },
        () => {
          note = ` ${words.failed}`;
          found([]);
        },
      ),
    templates: {
      inputValue: (one) => (one && one.value ? labelOf(one, words.language) : ""),
      suggestion: (one) =>
        typeof one === "string"
          ? escaped(one)
          : `${escaped(labelOf(one, words.language))} <span class="quiet">${escaped(one.value)}</span>`,
    },
    onConfirm: (one) => {
      if (!one || !one.value) return;
      hidden.value = one.value;
      shown = labelOf(one, words.language);
      input().setCustomValidity("");
    },
    tNoResults: () => words.none,
    tStatusNoResults: () => `${words.none}.${note}`,
    tStatusQueryTooShort: () => words.typing,
    tStatusResults: (count, option) =>
      `${count === 1 ? words.one : words.many.replace("{n}", count)} ${option}${note}`,
    tStatusSelectedOption: (option, count, index) =>
      `${option}, ${index + 1}/${count}, ${words.selected}`,
    tAssistiveHint: () => words.typing,
  });
  const input = () => place.querySelector("input");
  input().setAttribute("aria-describedby", hint);
  input().removeAttribute("name");
  if (name) input().setAttribute("aria-label", name);
  if (invalid) input().setAttribute("aria-invalid", invalid);
  input().addEventListener("input", () => {
    const text = input().value.trim();
    // A value itself may be typed or pasted; a label must be picked, as several things may have it.
    const isValue = /^[A-Za-z][\w+.-]*:\S+$/.test(text);
    hidden.value = text === shown ? hidden.value : isValue ? text : "";
    const unpicked = text !== "" && text !== shown && !isValue;
    input().setCustomValidity(unpicked ? words.unpicked : "");
    if (text === "") shown = "";
  });
}

function severalValues(field, words) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.add;
  const blank = field.querySelector(".entry:last-of-type").cloneNode(true);
  const count = () => field.querySelectorAll(".entry").length;
  button.addEventListener("click", () => {
    const entry = blank.cloneNode(true);
    const label = field.querySelector("label").textContent;
    const input = entry.querySelector("input");
    entry.dataset.label = "";
    input.value = "";
    input.id = `${input.name}-${count()}`;
    input.setAttribute("aria-label", `${label} ${count() + 1}`);
    button.before(entry);
    pick(entry, field, words);
    entry.querySelector("input:not([type=hidden])").focus();
  });
  return button;
}

function enhance(form) {
  const words = form.dataset;
  for (const field of form.querySelectorAll(".field.search")) {
    const entries = [...field.querySelectorAll(".entry")];
    const button = "multiple" in field.dataset ? severalValues(field, words) : null;
    entries.forEach((entry) => pick(entry, field, words));
    if (button) entries.at(-1).after(button);
    field.querySelector(".find")?.remove();
    field.querySelector("datalist")?.remove();
    field.querySelector(".now")?.remove();
  }
  // An empty field says something only where there is a default, which it takes away.
  form.addEventListener("formdata", (event) => {
    for (const field of form.querySelectorAll(".field")) {
      const name = field.dataset.name;
      const kept = event.formData.getAll(name).filter((value) => value !== "");
      if (kept.length === 0 && "default" in field.dataset) kept.push("");
      event.formData.delete(name);
      kept.forEach((value) => event.formData.append(name, value));
    }
  });
}

function copyButtons(section) {
  for (const lines of section.querySelectorAll("pre")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = section.dataset.copy;
    button.setAttribute("aria-label", `${section.dataset.copy}: ${lines.previousElementSibling.textContent}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(lines.textContent);
      button.textContent = section.dataset.copied;
    });
    lines.after(button);
  }
}

document.querySelectorAll("form[data-pickers]").forEach(enhance);
if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(copyButtons);
