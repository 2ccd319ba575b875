#!/usr/bin/env node
// A trial system for the plerixafor and lenalidomide study, as a vendor might write one.
//
// It is here to be judged, so it knows nothing of trialspec: the rules were written from the text
// of the study. One JSON request a line on standard input, one JSON answer a line on standard
// output. `--faults` lists the faults that can be switched on by `--fault=NAME` or by the
// environment variable SYSTEM_FAULT; without one the system follows the text.
"use strict";

// name: [clause that it breaks, what it does]
const FAULTS = {
  "two-in-six": ["PLX-07", "tolerates two patients with toxicity among six"],
  "no-reset": ["PLX-07", "a dose closed for toxicity stays closed in the next trial"],
  "raise-day-6": ["PLX-04", "raises lenalidomide after six days at a dose, not seven"],
  "wbc-at-limit": ["PLX-06b", "starts plerixafor at white blood cells of 100.0, not below"],
  "day-27": ["PLX-06c", "starts plerixafor after 27 days of lenalidomide, not 28"],
  "plerixafor-after-cr": ["PLX-15", "goes on with plerixafor after a complete response"],
  "rituximab-twice": ["PLX-17", "gives rituximab twice on day 1 of a cycle"],
  "thirteenth-cycle": ["PLX-18", "starts a thirteenth cycle of the combination"],
};

// how this system decides where the text leaves a choice
const READINGS = {
  "PLX-A01": "any_dose",
  "PLX-A02": "elapsed",
  "PLX-A03": "week",
  "PLX-A04": "at_least",
  "PLX-A05": "unspecified",
  "PLX-A06": "excluded",
  "PLX-A07": "entry",
  "PLX-A08": "once",
  "PLX-A10": "both",
  "PLX-A11": "total",
  "PLX-A13": "lost",
  "PLX-A14": "combination",
  "PLX-A15": "off",
  "PLX-A16": "as_pr",
  "PLX-A17": "carry_on",
  "PLX-A18": "unspecified",
  "PLX-A19": "implied",
  "PLX-A20": "N",
  "PLX-A21": "first_cycle",
  "PLX-A23": "last",
  "PLX-A24": "silent",
  "PLX-A27": "all",
  "PLX-A30": "unspecified",
  "PLX-A31": "unspecified",
  "X-A03": "replaced",
  "X-A04": "overlapping",
  "X-A05": "readjudicate",
  "X-A08": "skip",
  "X-A12": "absorbing",
  "X-A14": "unspecified",
};

class Refusal extends Error {}

function need(condition, reason) {
  if (!condition) throw new Refusal(reason);
}

// An exact decimal as thousandths: "7.5" and 7.5 are 7500.
function thousandths(value) {
  const parts = /^(\d+)(?:\.(\d{1,3})0*)?$/.exec(String(value));
  if (!parts) throw new Error(`not a quantity: ${value}`);
  return Number(parts[1]) * 1000 + Number((parts[2] || "").padEnd(3, "0"));
}

function decimal(thousandths) {
  return String(thousandths / 1000); // exact enough: printed with at most three decimals
}

// ---- the trial: four doses of plerixafor, cohorts of three

const PLERIXAFOR = ["0.24", "0.32", "0.42", "0.54"].map(thousandths);
const COHORT = 3;
const TOLERATED = 1;

const closedInAnyTrial = new Set(); // the fault no-reset: should belong to one trial

class Escalation {
  static events = new Set([
    "assign", "start_combination", "evaluate", "not_evaluable", "late_dlt", "elapse",
  ]);

  constructor(levels, fault) {
    this.cohorts = Array.from({ length: levels }, () => []); // true: a toxicity
    this.current = 0;
    this.observed = 0; // patients on the combination who have not been judged
    this.closed = fault === "no-reset" ? closedInAnyTrial : new Set();
    this.verdict = null;
    this.tolerated = TOLERATED + (fault === "two-in-six" ? 1 : 0);
  }

  get patients() {
    return this.cohorts[this.current];
  }

  get state() {
    if (this.verdict) return this.verdict;
    const first = this.patients.slice(0, COHORT);
    if (first.length < COHORT) return "first_three";
    return first.includes(true) ? "additional_three" : "confirming_three";
  }

  show() {
    return {
      state: this.state,
      level: this.current + 1,
      treated: this.cohorts.map((patients) => patients.length),
      dlts: this.cohorts.map((patients) => patients.filter(Boolean).length),
      pending: this.observed,
    };
  }

  ongoing() {
    need(!this.verdict, "the escalation has ended");
  }

  get places() {
    return this.patients.length < COHORT ? COHORT : 2 * COHORT;
  }

  // Whether the cohort above is still to be tested.
  get higher() {
    const next = this.current + 1;
    return next < this.cohorts.length && !this.closed.has(next);
  }

  decide() {
    const toxicities = this.patients.filter(Boolean).length;
    const all = this.patients.length === 2 * COHORT;
    if (toxicities > (all ? this.tolerated : TOLERATED)) this.goDown();
    else if (this.higher && (all || toxicities === 0)) this.current += 1;
    else if (all) this.verdict = "mtd";
    // else three more are treated here
  }

  goDown() {
    this.closed.add(this.current);
    if (this.current === 0) {
      this.verdict = "no_mtd";
      return;
    }
    this.current -= 1;
    if (this.patients.length === 2 * COHORT) this.verdict = "mtd";
  }

  assign() {
    throw new Refusal("the cohort is assigned when plerixafor begins");
  }

  start_combination({ level }) {
    this.ongoing();
    need(level === undefined || level === this.current + 1, `cohort ${this.current + 1} is open`);
    need(this.patients.length + this.observed < this.places, "the cohort is full");
    this.observed += 1;
  }

  evaluate({ dlt }) {
    this.ongoing();
    need(this.observed > 0, "nobody is under observation");
    this.observed -= 1;
    this.patients.push(dlt);
    if (this.observed === 0 && this.patients.length % COHORT === 0) this.decide();
  }

  not_evaluable() {
    this.ongoing();
    need(this.observed > 0, "nobody is under observation");
    this.observed -= 1; // and is replaced
  }

  late_dlt({ level }) {
    this.ongoing();
    const found = this.cohorts[level - 1];
    need(found && found.includes(false), "nobody there was judged free of toxicity");
  }

  elapse() {}
}

// ---- one subject: lenalidomide, then the combination, then rituximab as well

const START = thousandths("5");
const STEP = thousandths("2.5");
const TARGET = thousandths("10");
const RITUXIMAB = thousandths("375");
const WBC_LIMIT = thousandths("100.0");
const PLERIXAFOR_DAYS = [1, 3, 5, 8, 10, 12, 15, 17, 19];
const WEEK = 7;
const CYCLE = 28;
const INTERIM = 4;
const CYCLES = 12;
const RITUXIMAB_DOSES = 8;

const ENDED = ["off", "dead", "lost", "withdrawn"];

class Subject {
  static events = new Set([
    "raise", "assign", "start_combination", "start_cycle", "assess", "choose_sd",
    "stop_combination", "dose", "reduce", "intolerance", "toxicity", "dlt", "complete_response",
    "progression", "evaluate", "not_evaluable", "late_dlt", "death", "lost", "withdraw_consent",
    "elapse",
  ]);

  constructor(levels, fault) {
    this.levels = levels;
    this.fault = fault;
    this.treatment = "stage1";
    this.end = null; // why treatment ended
    this.today = 0; // days since the first lenalidomide
    this.lenalidomide = START;
    this.raisedOn = 0;
    this.cohort = 0;
    this.cycles = []; // the day on which each cycle of the combination began
    this.given = new Map(); // drug: the day of its last dose
    this.rituximab = 0; // doses
    this.response = "none";
    this.reported = null; // to the office that decides on the cohorts: clear, toxic, left
    this.notes = []; // what people have to decide
  }

  show() {
    return {
      state: this.state,
      level: this.cohort,
      len_dose: decimal(this.lenalidomide),
      combo_cycle: this.cycles.length,
      response: this.response,
      rtx: this.rituximab,
    };
  }

  get state() {
    if (this.end) return this.toReport ? "unreported" : this.end;
    if (this.treatment === "combination" && this.cycles.length === INTERIM) return "interim_due";
    return this.treatment;
  }

  during(...states) {
    need(states.includes(this.state), `the subject's state is ${this.state}`);
  }

  ongoing() {
    need(!this.end, "treatment has ended");
  }

  // ---- stage 1

  raise({ tolerated }) {
    this.during("stage1");
    need(tolerated, "the dose is not tolerated");
    need(this.lenalidomide < TARGET, "10 mg is the highest dose");
    const week = this.fault === "raise-day-6" ? WEEK - 1 : WEEK;
    need(this.today - this.raisedOn >= week, "seven days at a dose come first");
    this.lenalidomide += STEP;
    this.raisedOn = this.today;
  }

  intolerance() {
    this.during("stage1");
    this.notes.push("the dose is not tolerated");
  }

  reduce() {
    this.ongoing();
    need(this.state !== "stage1", "in stage 1 the dose goes up only");
    this.notes.push("a lower dose of lenalidomide");
  }

  assign() {
    throw new Refusal("the cohort is assigned when plerixafor begins");
  }

  // ---- stage 2

  start_combination({ wbc, weekday, level }) {
    this.during("stage1");
    need(this.lenalidomide === TARGET, "plerixafor needs 10 mg of lenalidomide");
    need(this.today - this.raisedOn >= WEEK, "10 mg is not stable yet");
    const cells = thousandths(wbc);
    const limit = this.fault === "wbc-at-limit" ? WBC_LIMIT + 1 : WBC_LIMIT;
    need(cells < limit, "white blood cells have to be below 100.0");
    const days = this.fault === "day-27" ? CYCLE - 1 : CYCLE;
    need(this.today >= days, "28 days of lenalidomide come first");
    need(weekday === "Mon", "a cycle starts on a Monday");
    need(level >= 1 && level <= this.levels, `there is no cohort ${level}`);
    this.cohort = level;
    this.treatment = "combination";
    this.cycles.push(this.today);
  }

  get daysInCycle() {
    return this.today - this.cycles[this.cycles.length - 1];
  }

  start_cycle({ weekday = "Mon" }) {
    this.during("combination", "stage3");
    need(this.daysInCycle >= CYCLE, "the cycle is not over");
    need(weekday === "Mon" && this.daysInCycle % WEEK === 0, "a cycle starts on a Monday");
    const most = this.fault === "thirteenth-cycle" ? CYCLES + 1 : CYCLES;
    need(this.cycles.length < most, "twelve cycles have been given");
    this.cycles.push(this.today);
  }

  // ---- the assessment after four cycles, and what follows from it

  assess({ response }) {
    this.during("interim_due");
    need(this.daysInCycle >= CYCLE, "the fourth cycle is not over");
    this.response = response;
    if (response === "CR") this.treatment = "mono";
    else if (response === "PR" || response === "nPR") this.treatment = "stage3";
    else if (response === "SD") this.treatment = "sd_choice";
    else this.progression();
  }

  choose_sd({ inv_ok, subj_ok }) {
    this.during("sd_choice");
    if (inv_ok && subj_ok) this.treatment = "stage3";
    else this.notes.push("stable disease, and no wish to go on");
  }

  complete_response() {
    this.during("stage3");
    this.notes.push("a complete response, found later");
  }

  stop_combination() {
    this.during("stage3");
    need(this.cycles.length >= CYCLES && this.daysInCycle >= CYCLE, "twelve cycles come first");
    this.treatment = "mono";
  }

  // ---- drugs

  dose({ drug, amount }) {
    this.ongoing();
    const given = thousandths(amount);
    if (drug === "lenalidomide") need(given === this.lenalidomide, "that is not today's dose");
    else if (drug === "plerixafor") this.checkPlerixafor(given);
    else if (drug === "rituximab") this.checkRituximab(given);
    else throw new Refusal(`${drug} is not a drug of the study`);
    const again = drug === "rituximab" && this.fault === "rituximab-twice";
    need(this.given.get(drug) !== this.today || again, `${drug} is given once a day`);
    this.given.set(drug, this.today);
    if (drug === "rituximab") this.rituximab += 1;
  }

  checkPlerixafor(given) {
    let day = this.daysInCycle + 1;
    if (this.fault === "plerixafor-after-cr" && this.response === "CR") {
      day = (this.daysInCycle % CYCLE) + 1;
    } else {
      this.during("combination", "interim_due", "stage3");
    }
    need(given === PLERIXAFOR[this.cohort - 1], "that is not the cohort's dose");
    need(PLERIXAFOR_DAYS.includes(day), `none on day ${day} of a cycle`);
  }

  checkRituximab(given) {
    this.during("stage3");
    need(this.cycles.length > INTERIM, "rituximab begins with cycle 5");
    need(this.daysInCycle === 0, "rituximab is given on day 1 of a cycle");
    need(given === RITUXIMAB, "rituximab is 375 mg/m2");
    need(this.rituximab < RITUXIMAB_DOSES, "eight doses have been given");
  }

  // ---- toxicity: what the office has to be told

  get toReport() {
    return this.cycles.length > 0 && !this.reported;
  }

  get windowOpen() {
    return this.toReport && this.today - this.cycles[0] < CYCLE;
  }

  evaluate({ dlt }) {
    need(this.toReport, "there is nothing to report");
    const watched = !this.windowOpen && !this.cutShort;
    need(dlt || watched, "the subject was not observed for 28 days");
    this.reported = dlt ? "toxic" : "clear";
  }

  // Treatment ended within the first 28 days of the combination.
  get cutShort() {
    return this.end !== null && this.endedOn - this.cycles[0] < CYCLE;
  }

  not_evaluable() {
    need(this.toReport, "there is nothing to report");
    this.reported = "left";
  }

  late_dlt({ level }) {
    const clear = this.reported === "clear" && level === this.cohort;
    need(clear && !this.over, "the subject was not counted without one there");
    this.notes.push("a late report of toxicity");
  }

  dlt() {
    need(this.windowOpen && !this.end, "28 days have passed");
    this.notes.push("a dose-limiting toxicity");
  }

  toxicity() {
    this.ongoing();
    this.notes.push("unacceptable toxicity");
  }

  // ---- the end of treatment

  get over() {
    return ENDED.includes(this.state);
  }

  leave(why) {
    need(!this.over, "the subject has left the study");
    if (!this.end) this.endedOn = this.today;
    this.end = why;
  }

  progression() {
    this.ongoing();
    this.leave("off");
  }

  death() {
    need(this.end !== "dead", "the death is recorded");
    this.leave("dead");
  }

  lost() {
    need(this.end === null || this.end === "off", "the subject has left the study");
    this.leave("lost");
  }

  withdraw_consent() {
    need(this.end === null || this.end === "off", "the subject has left the study");
    this.leave("withdrawn");
  }

  elapse({ days }) {
    this.today += days;
  }
}

// ---- the conversation: one request a line, one answer a line

const MACHINES = { trial: Escalation, subject: Subject };
const CONSTANTS = {
  cohort: COHORT,
  cap: 2 * COHORT,
  tolerated: TOLERATED,
  raise_days: WEEK,
  entry_days: CYCLE,
  wbc_limit: 100,
  cycle_days: CYCLE,
  interim_after: INTERIM,
  max_cycles: CYCLES,
  rtx_cap: RITUXIMAB_DOSES,
};

const EVENTS = new Set(Object.values(MACHINES).flatMap((machine) => [...machine.events]));

class Conversation {
  constructor(fault) {
    this.fault = fault;
    this.current = null;
  }

  describe() {
    return {
      name: "plerixafor-system",
      version: "1.0",
      contract: 1,
      observes: [
        "state", "level", "treated", "dlts", "pending", "len_dose", "combo_cycle", "response", "rtx",
      ],
      events: [...EVENTS].sort(),
      verbs: ["run"],
    };
  }

  start({ protocol, machine, constants, readings }) {
    if (protocol !== "plerixafor-cll" || !(machine in MACHINES)) {
      throw new Error(`no system for the machine ${machine} of ${protocol}`);
    }
    const levels = numberOfLevels(constants || {});
    for (const [name, reading] of Object.entries(readings || {})) {
      if (READINGS[name] !== reading) {
        throw new Error(`this system does not implement ${name}=${reading}`);
      }
    }
    this.current = new MACHINES[machine](levels, this.fault);
    return this.observe();
  }

  get running() {
    if (!this.current) throw new Error("no case has been started");
    return this.current;
  }

  observe() {
    return { observe: this.running.show() };
  }

  apply({ event, arguments: given }) {
    const running = this.running;
    if (!running.constructor.events.has(event)) {
      return { answer: "unsupported", reason: `no event ${event}` };
    }
    try {
      running[event](given || {});
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      return { answer: "refused", reason: problem.message, observe: running.show() };
    }
    return { answer: "accepted", observe: running.show() };
  }

  run({ steps }) {
    return { answers: steps.map((step) => this.apply(step)) };
  }

  stop() {
    this.current = null;
    return {};
  }

  answer(line) {
    let seq = null;
    try {
      const request = JSON.parse(line);
      seq = request.seq;
      if (!VERBS.has(request.verb)) throw new Error(`no verb ${request.verb}`);
      return { seq, ...this[request.verb](request) };
    } catch (problem) {
      return { seq, error: problem.message };
    }
  }
}

const VERBS = new Set(["describe", "start", "apply", "observe", "run", "stop"]);

function numberOfLevels(constants) {
  for (const [name, value] of Object.entries(constants)) {
    if (name !== "levels" && CONSTANTS[name] !== value) {
      throw new Error(`${name} is ${CONSTANTS[name]} in this system, not ${value}`);
    }
  }
  const levels = constants.levels === undefined ? PLERIXAFOR.length : constants.levels;
  if (!Number.isInteger(levels) || levels < 1 || levels > PLERIXAFOR.length) {
    throw new Error(`levels is 1 to ${PLERIXAFOR.length}, not ${levels}`);
  }
  return levels;
}

function main(words) {
  if (words.includes("--faults")) {
    const listed = Object.entries(FAULTS).map(([name, [clause, does]]) => [name, { clause, does }]);
    process.stdout.write(JSON.stringify(Object.fromEntries(listed), null, 2) + "\n");
    return;
  }
  const chosen = words.find((word) => word.startsWith("--fault="));
  const fault = chosen ? chosen.slice("--fault=".length) : process.env.SYSTEM_FAULT || null;
  if (fault !== null && !(fault in FAULTS)) {
    process.stderr.write(`no fault ${fault}; there are ${Object.keys(FAULTS).join(", ")}\n`);
    process.exitCode = 2;
    return;
  }
  const conversation = new Conversation(fault);
  let half = "";
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (chunk) => {
    const lines = (half + chunk).split("\n");
    half = lines.pop();
    const answers = lines.filter((line) => line.trim()).map((line) => conversation.answer(line));
    process.stdout.write(answers.map((answer) => JSON.stringify(answer) + "\n").join(""));
  });
}

main(process.argv.slice(2));
