import type { Figure } from '../figure.js';

export type Report = (figure: Omit<Figure, 'bench'>) => void;
