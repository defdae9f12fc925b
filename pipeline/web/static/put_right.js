// What is to be put right in a form, shown as the server's own page shows it: found by the server, or here beforehand where
// the server may not see the form until its writer has left.
"use strict";

const putRight = (() => {
  const pattern = document.getElementById("put-right");
  const { prefix, numbered, nothing } = pattern.dataset;
  const rules = JSON.parse(pattern.dataset.rules);

  const fieldOf = (question) => document.getElementById(question.replaceAll(".", "-"));

  // What is written beside a choice is no answer without its tick.
  const selectorOf = (question) =>
    `[name="${CSS.escape(question)}"], [name^="${CSS.escape(question)}."]:not([name$=".other"])`;

  const answerOf = (form, question) =>
    [...form.querySelectorAll(selectorOf(question))]
      .filter((field) => field.checked || field.matches("textarea, input[inputmode]"))
      .map((field) => field.value.trim())
      .join("");

  const broken = (form, { question, needed, least, most, outside }) => {
    if (!fieldOf(question)?.checkVisibility()) return undefined; // not asked
    const answer = answerOf(form, question);
    if (!answer) return needed;
    const isOutside = /^\d+$/.test(answer) && (Number(answer) < least || Number(answer) > most);
    return isOutside ? outside : undefined;
  };

  const found = (form, said) => {
    const wrong = rules.map((rule) => ({ question: rule.question, message: broken(form, rule) }));
    const told = wrong.filter((each) => each.message);
    return told.length || said.length ? told : [{ question: "answers", message: nothing }];
  };

  const clear = () => {
    for (const each of document.querySelectorAll(".summary, .error")) each.remove();
    for (const each of document.querySelectorAll(".wrong")) each.classList.remove("wrong");
    for (const each of document.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  };

  const markBeside = (field, message) => {
    const group = field.closest(".choices, .parts");
    const error = document.createElement("p");
    error.className = "error";
    error.id = `${field.id}-error`;
    error.innerHTML = '<span class="unseen"></span>';
    error.firstChild.textContent = prefix;
    error.append(message);
    (group ?? field).before(error);
    const described = group ? field.closest("fieldset") : field;
    described.setAttribute("aria-invalid", "true");
    described.setAttribute("aria-describedby", `${described.getAttribute("aria-describedby") ?? ""} ${error.id}`.trim());
    field.closest(".statement, .question")?.classList.add("wrong");
  };

  const lineFor = (field, message) => {
    const number = field?.closest(".question")?.querySelector(".number")?.innerText;
    const link = document.createElement("a");
    link.href = `#${field?.id ?? "main"}`;
    link.textContent = number ? numbered.replace("{number}", number).replace("{message}", message) : message;
    const line = document.createElement("li");
    line.append(link);
    return line;
  };

  const show = (errors) => {
    clear();
    const summary = pattern.content.cloneNode(true).querySelector(".summary");
    for (const { question, message } of errors) {
      const field = fieldOf(question);
      if (field?.closest(".question")) markBeside(field, message);
      summary.querySelector("ul").append(lineFor(field, message));
    }
    document.getElementById("main").prepend(summary);
    summary.focus();
  };

  return { found, show };
})();
