// <script src="https://your.host/embed.js" data-form="ID" async></script> shows a form where the tag stands; without data-form
// it helps those that are on the page already. No eval, no inline styles, no cookies: it works under strict policies. The page
// hears of a submission by the event `groundswell:submitted`. Limit: 3 kB packed; comments and indentation are not sent.
(() => {
  const script = document.currentScript, base = script.src.replace(/\/embed\.js.*/, '');
  // No specificity: whatever the page says about its own forms wins.
  const css = `:where(.gs-form){background:var(--gs-background);color:var(--gs-text,inherit);font-family:var(--gs-font,inherit)}
:where(.gs-field,.gs-note){margin:0 0 1em}:where(.gs-form img){max-width:100%;max-height:4em}
:where(.gs-field label){display:block;margin:0 0 .25em}
:where(.gs-field :not([type=checkbox]):is(input,select,textarea)){width:100%;box-sizing:border-box;padding:.5em;font:inherit}
:where(.gs-tick){display:flex;gap:.5em}:where(.gs-error){font-weight:700;margin:0 0 .25em}:where(.gs-form [aria-invalid]){outline:2px solid #c00}
:where(.gs-form button){padding:.6em 1.5em;font:inherit;border-radius:var(--gs-radius,.3em);background:var(--gs-accent,ButtonFace);color:var(--gs-on-accent,ButtonText)}`;
  // Names of the fields that this browser was asked already, of forms that ask bit by bit; a page may forbid to keep them.
  const kept = id => { try { return localStorage['gs-' + id] || ''; } catch { return ''; } };
  const keep = (id, names) => { try { if (names) localStorage['gs-' + id] = names; } catch {} };
  const make = (tag, name = '', text = '') => Object.assign(document.createElement(tag), { className: name, textContent: text });

  const help = (box, embedded) => {
    const { gs: id, captcha, partial, redirect } = box.dataset, form = box.querySelector('form'), api = base + '/api/lead-capture/';
    const session = crypto.randomUUID?.();
    let started = 'started' in box.dataset, last, done, proof;
    const field = name => form.querySelector(`[name="${CSS.escape(name)}"]`);
    const value = name => {
      const f = field(name);
      return !f || f.disabled || (f.type == 'checkbox' && !f.checked) ? '' : f.value.trim();
    };
    const put = (name, text) => {
      if (!field(name)) form.append(Object.assign(make('input'), { type: 'hidden', name }));
      field(name).value = text;
    };
    const send = (path, data) => navigator.sendBeacon(api + path + id, JSON.stringify(data));
    const tell = event => send('events/', { event, field: last, utm_source: value('utm_source'), referrer: value('referrer') });

    // Fields stand in the order in which their conditions look at each other.
    const refresh = () => form.querySelectorAll('[data-if]').forEach(part => {
      const rule = JSON.parse(part.dataset.if), holds = test => test.in.includes(value(test.field)) != test.not;
      const hide = !(rule.any ? rule.of.some(holds) : rule.of.every(holds));
      part.style.display = hide ? 'none' : '';
      [part, ...part.querySelectorAll('[name]')].forEach(f => {
        f.disabled = hide;
        // Without scripts it is shown in any case, and must not be in the way.
        f.required = 'required' in f.dataset;
      });
    });

    // Solved while the visitor types, and again when it is old.
    const solve = () => proof ||= import(base + '/captcha.js').then(m => m.default(api + 'forms/' + id + '/challenge')).then(text => {
      put('gs_captcha', text);
      setTimeout(() => proof = 0, 54e4);
    }).catch(() => proof = 0);

    const complain = reply => {
      box.querySelectorAll('.gs-error').forEach(p => p.remove());
      box.querySelectorAll('[aria-invalid]').forEach(f => f.removeAttribute('aria-invalid'));
      const details = reply.details?.length ? reply.details : [{ message: reply.error || 'Please try again.' }];
      const all = details.map(({ field: name, message }) => {
        const f = name && field(name), seen = f?.id, p = make('p', 'gs-error', seen ? `This ${message}.` : name ? `${name} ${message}` : message);
        if (seen) {
          p.id = f.id + '-error';
          f.setAttribute('aria-invalid', true);
          f.setAttribute('aria-describedby', p.id);
        } else {
          p.role = 'alert';
          p.tabIndex = -1;
        }
        (seen ? f.closest('.gs-tick') || f : form.querySelector('button')).before(p);
        return seen ? f : p;
      });
      all[0].focus();
    };

    box.addEventListener('focusin', () => captcha && solve());
    box.addEventListener('input', event => {
      last = event.target.name;
      if (!started) tell('start');
      started = true;
      refresh();
    });
    box.addEventListener('change', () => {
      const mail = field('email');
      if (!partial || done || !session || !mail.value || !mail.validity.valid) return;
      put('gs_session', session);
      send('partial/', { session, last_field: last, answers: Object.fromEntries(new FormData(form)) });
    });
    box.addEventListener('submit', async event => {
      if (embedded || captcha) event.preventDefault();
      if (done && (embedded || captcha)) return;
      done = 1;
      if (captcha) await solve();
      if (!embedded) return captcha && HTMLFormElement.prototype.submit.call(form);
      const body = new URLSearchParams(new FormData(form)), headers = { accept: 'application/json' };
      const reply = await fetch(api + 'webhook/' + id, { method: 'POST', headers, body }).then(answer => answer.json()).catch(() => ({}));
      done = reply.success;
      if (done) keep(id, box.dataset.asked);
      else {
        proof = 0;
        return complain(reply);
      }
      form.dispatchEvent(new CustomEvent('groundswell:submitted', { bubbles: true, detail: reply.data }));
      if (redirect) return location.assign(redirect);
      const thanks = Object.assign(make('p', 'gs-thanks', reply.data.message), { role: 'status', tabIndex: -1 });
      form.replaceWith(thanks);
      thanks.focus();
    });
    addEventListener('pagehide', () => last && !done && tell('leave'));
    addEventListener('pageshow', event => event.persisted && (done = proof = 0));

    if (embedded) {
      const query = new URLSearchParams(location.search);
      put('referrer', document.referrer || location.origin + location.pathname);
      query.forEach((text, name) => {
        const f = field(name);
        if (/^utm_(source|medium|campaign)$/.test(name)) put(name, text);
        else if (f && f.type != 'checkbox' && !('fixed' in f.dataset)) f.value = text;
      });
      new IntersectionObserver((seen, observer) => {
        if (!seen[0].isIntersecting) return;
        observer.disconnect();
        tell('view');
      }).observe(box);
    }
    refresh();
  };

  const id = script.dataset.form;
  if (!id) return document.querySelectorAll('[data-gs]').forEach(box => help(box));
  if (!window.gsForms) {
    window.gsForms = 0;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets.push(sheet);
  }
  const place = make('div'), prefix = `gs${++window.gsForms}-`;
  script.after(place);
  const query = new URLSearchParams({ asked: kept(id), l: new URLSearchParams(location.search).get('l') || '' });
  fetch(`${base}/f/${id}/embed?${query}`).then(answer => answer.ok && answer.text()).then(html => {
    if (!html) return;
    // Each form has ids of its own; what people wrote has no plain quotation marks in it.
    place.innerHTML = html.replace(/ (id|for)="/g, ` $1="${prefix}`);
    const box = place.firstElementChild;
    Object.entries(JSON.parse(box.dataset.look)).forEach(([name, text]) => box.style.setProperty('--gs-' + name, text));
    box.querySelector('.gs-extra').style.cssText = 'position:absolute;left:-200vw';
    help(box, 1);
  });
})();
