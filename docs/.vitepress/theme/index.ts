import DefaultTheme from 'vitepress/theme';
import ProviderList from './ProviderList.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ app }: { app: { component(name: string, component: unknown): void } }) {
    app.component('ProviderList', ProviderList);
  },
};
