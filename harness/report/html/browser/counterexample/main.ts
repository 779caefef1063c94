import { pageData } from '../data.js';

pageData();
