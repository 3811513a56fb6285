// SPDX-License-Identifier: GPL-3.0-or-later
//
// Sounds, and whether they are to be heard: a browser is mute until somebody has clicked, unless it
// was started with --autoplay-policy=no-user-gesture-required. The notes are of one pentatonic scale, so
// that many boards may finish at once.
"use strict";

const SOUNDS = {
  "pass": [[587, 0.12], [880, 0.2]],
  "done-already": [[587, 0.15]],
  "fail": [[110, 0.35], [0, 0.1], [110, 0.35]],
  "needs-hand": [[440, 0.1], [0, 0.08], [440, 0.1], [0, 0.08], [440, 0.1]],
  "hold": [[440, 0.1], [0, 0.08], [440, 0.1], [0, 0.08], [440, 0.1]],
  "pulled": [[440, 0.1], [0, 0.08], [440, 0.1], [0, 0.08], [440, 0.1]],
  "stop": [[147, 1.2]],
};

class Sound {
  constructor(onChange) {
    this.onChange = onChange;
    this.context = typeof AudioContext === "undefined" ? null : new AudioContext();
    this.played = 0;
    if (this.context) {
      this.context.addEventListener("statechange", () => this.onChange());
      const wake = () => this.context.resume();
      for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, wake);
    }
  }

  isMute() { return !this.context || this.context.state !== "running"; }

  play(name) {
    const notes = SOUNDS[name];
    if (!notes || this.isMute()) return;
    this.played += 1;
    let at = this.context.currentTime;
    for (const [frequency, seconds] of notes) {
      if (frequency > 0) {
        const tone = this.context.createOscillator();
        const level = this.context.createGain();
        tone.type = frequency < 200 ? "sawtooth" : "sine";
        tone.frequency.value = frequency;
        level.gain.setValueAtTime(0.25, at);
        level.gain.exponentialRampToValueAtTime(0.001, at + seconds);
        tone.connect(level).connect(this.context.destination);
        tone.start(at);
        tone.stop(at + seconds);
      }
      at += seconds;
    }
  }
}
