import type { StrengthQuestion } from '../text/password';
import { estimate } from './estimate';

self.onmessage = ({ data }: MessageEvent<StrengthQuestion>) => self.postMessage(estimate(data));
