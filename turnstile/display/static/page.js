"use strict";
// Shows what the gate says. A gate that says nothing is out of service: an old welcome must never stay.
const SILENT_MS = 3000;
const AGAIN_MS = 500;
const stage = document.querySelector("main");
const lost = JSON.parse(stage.dataset.lost);
let shown = "";
let silence;

function line(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

function paragraph(words) {
  const element = document.createElement("p");
  element.lang = words.lang;
  element.append(line("say", words.say));
  if (words.more) element.append(line("more", words.more));
  return element;
}

function show(what) {
  const told = JSON.stringify(what);
  if (told === shown) return;
  shown = told;
  stage.dataset.cue = what.cue;
  stage.dataset.tone = what.tone;
  document.getElementById("frame").setAttribute("href", `#frame-${what.tone}`);
  document.getElementById("picture").setAttribute("href", `#${what.cue}`);
  document.getElementById("name").textContent = what.name;
  document.getElementById("words").replaceChildren(...what.words.map(paragraph));
}

function lose() {
  show(lost);
}

function listen() {
  const events = new EventSource(`/events${location.search}`);
  events.onmessage = (event) => {
    clearTimeout(silence);
    silence = setTimeout(lose, SILENT_MS);
    show(JSON.parse(event.data));
  };
  events.onerror = () => {
    lose();
    events.close(); // the browser does not come back by itself after every kind of error
    setTimeout(listen, AGAIN_MS);
  };
}

lose();
listen();
