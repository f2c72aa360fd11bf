import { connect } from '@sotto/client';
import { mount } from 'svelte';
import { pageLanguage } from './language/language.svelte';
import Root from './Root.svelte';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app');
if (!target) throw new TypeError('index.html has no #app');

// The client starts before the first paint and does not hold it up. The words are on their way since before this script.
const sotto = connect();
// Without them there is nothing to paint; a new attempt may have them.
void pageLanguage.start().then(
  () => mount(Root, { target, props: { sotto } }),
  () => location.reload(),
);
