import type { CounterexampleModel, Fold } from '../../counterexample-model.js';
import { neighbour, neighbouringPreemption, rowsOfStop, stops } from '../../stepping.js';
import { elementById, pageData } from '../data.js';
import { Drawing } from './drawing.js';
import { Memory } from './memory.js';
import { StepCard } from './step-card.js';
import { Steps } from './steps.js';

const model = pageData() as CounterexampleModel;
if (model.rows.length > 0) start();

function start(): void {
  document.documentElement.classList.add('scripted');
  const board = elementById('board');
  const steps = new Steps(model);
  const drawing = new Drawing(steps, board);
  const memory = new Memory(steps);
  const card = new StepCard(steps, goTo);
  let current: HTMLElement | undefined;

  function goTo(row: number): void {
    steps.moveTo(row);
    show();
    current?.scrollIntoView({ block: 'nearest' });
  }

  function show(): void {
    const [first, last] = rowsOfStop(model, steps.row, steps.isOpen);
    current?.classList.remove('current');
    current?.removeAttribute('aria-current');
    current = steps.itemOf(steps.row);
    current.classList.add('current');
    current.setAttribute('aria-current', 'step');
    memory.show(first, last);
    card.show(first, last);
    drawing.highlight();
  }

  function toggle(fold: Fold): void {
    steps.toggle(fold);
    const isOpen = steps.isOpen(fold);
    for (let row = fold.start; row < fold.end; row++) {
      elementById(`row-${row}`).classList.toggle('open', isOpen);
    }
    elementById(`fold-${fold.start}`).querySelector('button')!.setAttribute('aria-expanded', String(isOpen));
    show();
  }

  const step = (direction: 1 | -1): void => {
    goTo(neighbour(stops(model, steps.isOpen), steps.row, direction));
  };
  const lastRow = model.rows.length - 1;
  const actions = {
    first: () => {
      goTo(0);
    },
    previous: () => {
      step(-1);
    },
    next: () => {
      step(1);
    },
    last: () => {
      goTo(lastRow);
    },
    'next-preemption': () => {
      goTo(neighbouringPreemption(model, steps.row, 1));
    },
    'previous-preemption': () => {
      goTo(neighbouringPreemption(model, steps.row, -1));
    },
    failure: () => {
      goTo(model.brokenRow ?? lastRow);
    },
    fold: () => {
      const fold = steps.foldOf(steps.row);
      if (fold !== undefined) toggle(fold);
    },
  };
  const actionOfKey: Readonly<Record<string, keyof typeof actions>> = {
    ArrowDown: 'next',
    ArrowRight: 'next',
    j: 'next',
    ArrowUp: 'previous',
    ArrowLeft: 'previous',
    k: 'previous',
    Home: 'first',
    End: 'last',
    n: 'next-preemption',
    p: 'previous-preemption',
    f: 'failure',
    o: 'fold',
  };

  document.addEventListener('keydown', (event) => {
    const action = actionOfKey[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    actions[action]();
  });
  for (const name of ['first', 'previous', 'next', 'last', 'next-preemption', 'failure'] as const) {
    elementById(`go-${name}`).addEventListener('click', actions[name]);
  }
  board.addEventListener('click', (event) => {
    const item = (event.target as Element).closest<HTMLElement>('[data-row], [data-fold]');
    const foldStart = item?.dataset['fold'];
    if (foldStart !== undefined) {
      const fold = steps.foldOf(Number(foldStart));
      if (fold === undefined) return;
      if ((event.target as Element).closest('button') === null) goTo(fold.end - 1);
      else toggle(fold);
    } else if (item !== null) {
      goTo(Number(item.dataset['row']));
    }
  });
  (elementById('go-next-preemption') as HTMLButtonElement).disabled = model.rows.every(
    ({ turn }) => turn !== 'preemption',
  );
  // Folding, fonts and width: everything that moves rows also changes the size of their container.
  new ResizeObserver(() => {
    drawing.draw();
  }).observe(board);
  let widthPixels = innerWidth;
  addEventListener('resize', () => {
    // Browsers on phones change their height while scrolling, which is no reason to scroll back.
    if (innerWidth === widthPixels) return;
    widthPixels = innerWidth;
    current?.scrollIntoView({ block: 'nearest' });
  });
  show();
}
