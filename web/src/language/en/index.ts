import { about } from './about';
import { account } from './account';
import { actions } from './actions';
import { administration } from './administration';
import { app } from './app';
import { archive } from './archive';
import { broadcast } from './broadcast';
import { chat } from './chat';
import { chatPages } from './chatPages';
import { chats } from './chats';
import { communities } from './communities';
import { composer } from './composer';
import { deletion } from './deletion';
import { devices } from './devices';
import { directory } from './directory';
import { entry } from './entry';
import { files } from './files';
import { group } from './group';
import { groupChanges } from './groupChanges';
import { groupPage } from './groupPage';
import { join } from './join';
import { landing } from './landing';
import { message } from './message';
import { noticePage } from './noticePage';
import { notices } from './notices';
import { notificationSettings } from './notificationSettings';
import { notifications } from './notifications';
import { oidc } from './oidc';
import { ownHistory } from './ownHistory';
import { passkeys } from './passkeys';
import { people } from './people';
import { previews } from './previews';
import { problems } from './problems';
import { profile } from './profile';
import { reports } from './reports';
import { retention } from './retention';
import { safety } from './safety';
import { searching } from './searching';
import { settings } from './settings';
import { site } from './site';
import { state } from './state';
import { text } from './text';
import { time } from './time';
import { topics } from './topics';

/** English: what is translated. */
export const en = {
  about,
  account,
  actions,
  administration,
  app,
  archive,
  broadcast,
  chat,
  chatPages,
  chats,
  communities,
  composer,
  deletion,
  devices,
  directory,
  entry,
  files,
  group,
  groupChanges,
  groupPage,
  join,
  landing,
  message,
  noticePage,
  notices,
  notificationSettings,
  notifications,
  oidc,
  ownHistory,
  passkeys,
  people,
  previews,
  problems,
  profile,
  reports,
  retention,
  safety,
  searching,
  settings,
  site,
  state,
  text,
  time,
  topics,
} as const;
