import { render } from 'preact';
import { App } from './app';
import './style/base.css';
import './style/layout.css';
import './style/track.css';
import './style/line.css';
import './style/line-narrow.css';
import './style/details.css';

const root = document.getElementById('app');
if (root) render(<App />, root);
