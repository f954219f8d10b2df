/** The page around every state: the practice above, the languages, the content, and nothing else. */
import type { ComponentChildren, JSX } from "preact";
import { practice } from "../practice.ts";
import { LANGUAGES, language, speak, t } from "../texts/texts.ts";

export function Shell({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  const { logo, trial } = practice.value;
  return (
    <>
      <header class="top">
        <p class="practice">
          {logo !== null && <img src={logo} alt="" />}
          <span>{name}</span>
        </p>
        <nav aria-label={t("language")}>
          {LANGUAGES.filter(({ code }) => code !== language.value).map(({ code, name: own }) => (
            <button type="button" class="link" lang={code} onClick={() => void speak(code)}>
              {own}
            </button>
          ))}
        </nav>
      </header>
      {trial && <p class="trial">{t("trial")}</p>}
      <main>{children}</main>
    </>
  );
}

/** A state's heading takes the focus when the state comes, so that a screen reader says it. */
export function Heading({ children, quiet = false }: { children: ComponentChildren; quiet?: boolean }): JSX.Element {
  return (
    <h1 tabIndex={-1} ref={quiet ? null : focus}>
      {children}
    </h1>
  );
}

const focus = (heading: HTMLHeadingElement | null): void => heading?.focus();

export function Disclosure({ summary, children, onOpen }: { summary: string; children: ComponentChildren; onOpen?: () => void }): JSX.Element {
  return (
    <details onToggle={(event) => event.currentTarget.open && onOpen?.()}>
      <summary>{summary}</summary>
      <div class="disclosed">{children}</div>
    </details>
  );
}
