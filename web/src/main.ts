import { connect } from '@sotto/client';
import { mount } from 'svelte';
import { pageLanguage } from './language/language.svelte';
import { languageFor } from './language/languages';
import { NOT_LOADED } from './language/not-loaded';
import Root from './Root.svelte';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app');
if (!target) throw new TypeError('index.html has no #app');

// The client starts before the first paint and does not hold it up.
const sotto = connect();
pageLanguage.start().then(
  () => mount(Root, { target, props: { sotto } }),
  () => (target.textContent = NOT_LOADED[languageFor(pageLanguage.chosen, navigator.languages)]),
);
