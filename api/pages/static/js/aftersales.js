// Small helps. Every page works without them.

// Tables become cards on a telephone: each cell carries its column's heading.
for (const table of document.querySelectorAll("table[data-stack]")) {
  const headings = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.children].forEach((cell, index) => {
      if (headings[index]) cell.dataset.label = headings[index];
      if (cell.childElementCount > 1 || (cell.childElementCount && cell.textContent.trim() !== cell.firstElementChild.textContent.trim())) {
        const whole = document.createElement("div");
        whole.className = "cell";
        whole.append(...cell.childNodes);
        cell.append(whole);
      }
    });
  }
  table.classList.add("stacks");
  table.closest(".table-wrap")?.classList.add("stacks");
}

// What is wrong is read out and stands in view.
const wrong = document.querySelector("[data-focus]");
for (let fold = wrong?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
wrong?.focus();

// A form is sent once; the button says that it is on its way.
for (const form of document.querySelectorAll("form[data-form]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.querySelectorAll("button[type=submit]").forEach((button) => button.classList.add("sending"));
  });
}
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-form]")) {
    delete form.dataset.sent;
    form.querySelectorAll(".sending").forEach((button) => button.classList.remove("sending"));
  }
});

// The tab that is open stands in view on a telephone.
const tab = document.querySelector(".tabs [aria-current=page]");
if (tab) {
  const list = tab.closest("ul");
  list.scrollLeft = tab.offsetLeft - list.offsetLeft - 40;
}

// Menus close when one turns elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.language-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
