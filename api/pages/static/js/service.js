// Small helps for reports and orders. Everything works without them, but a drawn signature.

// A signature is drawn with the finger; the picture goes along with the form.
for (const pad of document.querySelectorAll("canvas[data-signature]")) {
  const target = document.getElementById(pad.dataset.signature);
  const pen = pad.getContext("2d");
  let drawing = false;
  pad.closest("[hidden]")?.removeAttribute("hidden");
  pad.width = 900;
  pad.height = 300;
  pen.lineWidth = 5;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.strokeStyle = "#10202e";
  const place = (event) => {
    const box = pad.getBoundingClientRect();
    return [((event.clientX - box.left) * pad.width) / box.width, ((event.clientY - box.top) * pad.height) / box.height];
  };
  pad.addEventListener("pointerdown", (event) => {
    drawing = true;
    pad.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
  });
  pad.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    pen.lineTo(...place(event));
    pen.stroke();
    target.value = pad.toDataURL("image/png");
  });
  for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => { drawing = false; });
  pad.parentElement.querySelector("[data-clear]")?.addEventListener("click", () => {
    pen.clearRect(0, 0, pad.width, pad.height);
    target.value = "";
  });
}

// A paper is dropped onto its box as well as chosen.
for (const box of document.querySelectorAll("[data-drop]")) {
  const input = box.querySelector("input[type=file]");
  for (const kind of ["dragenter", "dragover"]) {
    box.addEventListener(kind, (event) => { event.preventDefault(); box.classList.add("over"); });
  }
  for (const kind of ["dragleave", "drop"]) box.addEventListener(kind, () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      box.closest("form").requestSubmit();
    }
  });
}
