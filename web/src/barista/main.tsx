import { startPage } from "../core/app.tsx";

startPage(() => <main />);
