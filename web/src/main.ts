import { connect } from '@sotto/client';
import { mount } from 'svelte';
import Root from './Root.svelte';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app');
if (!target) throw new TypeError('index.html has no #app');

// The client starts before the first paint and does not hold it up.
mount(Root, { target, props: { sotto: connect() } });
