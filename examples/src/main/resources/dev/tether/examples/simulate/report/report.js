'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const SHOWN_AT_FIRST = 12;
  const HUES = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6bb1', '#7f8c3a', '#c0504d', '#4f8f8f'];
  const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [1, 5]];
  const STATES = { Establishing: '#e6a700', Established: '#2e9e62', Unresponsive: '#d9483b', Closing: '#7d8794' };
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const shown = new Set(data.connections.map((_, i) => i).filter(i => i < SHOWN_AT_FIRST));
  const range = { min: 0, max: data.duration };
  const label = c => `${c.host} → ${c.peer}` + (c.number > 1 ? ` #${c.number}` : '');
  const hue = i => HUES[i % HUES.length];
  const dash = i => DASHES[Math.floor(i / HUES.length) % DASHES.length];
  const number = (v, digits = 3) => Number(v.toPrecision(digits)).toLocaleString('en');
  const bytes = v => v >= 1e9 ? number(v / 1e9) + ' GB' : v >= 1e6 ? number(v / 1e6) + ' MB' : v >= 1e3 ? number(v / 1e3) + ' kB' : number(v) + ' B';
  const time = v => v >= 120 ? `${Math.floor(v / 60)}:${(v % 60).toFixed(v % 1 ? 2 : 0).padStart(v % 1 ? 5 : 2, '0')} min` : `${number(v, 5)} s`;

  const faultMarks = {
    id: 'faultMarks',
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales: { x } } = chart;
      const across = (from, to, style) => {
        ctx.fillStyle = style;
        const a = Math.max(area.left, x.getPixelForValue(from)), b = Math.min(area.right, x.getPixelForValue(to));
        if (b > a) ctx.fillRect(a, area.top, b - a, area.bottom - area.top);
      };
      const at = (when, style, pattern) => {
        const px = x.getPixelForValue(when);
        if (px < area.left || px > area.right) return;
        ctx.strokeStyle = style;
        ctx.setLineDash(pattern);
        ctx.beginPath();
        ctx.moveTo(px, area.top);
        ctx.lineTo(px, area.bottom);
        ctx.stroke();
      };
      ctx.save();
      ctx.lineWidth = 1;
      // The more faults, the fainter each: what they mark has to stay visible.
      const faint = Math.min(1, 50 / Math.max(1, data.faults.length));
      for (const f of data.faults) {
        if (f.end > f.at) across(f.at, f.end, `rgba(217, 72, 59, ${0.08 * faint})`);
        at(f.at, `rgba(217, 72, 59, ${Math.max(0.08, 0.75 * faint)})`, faint < 0.5 ? [] : [3, 3]);
      }
      at(data.faultPhase, dark.matches ? '#9da7b3' : '#57606a', [8, 4]);
      ctx.restore();
    },
  };

  const points = (c, field) => c[field].map((y, i) => ({ x: (c.first + i) * data.bucket, y: field === 'rttMs' && y === 0 ? NaN : y }));
  const line = (field, style = {}) => (c, i) => ({
    label: label(c), data: points(c, field), borderColor: hue(i), backgroundColor: hue(i), borderDash: dash(i),
    borderWidth: 1.5, pointRadius: 0, pointHitRadius: 6, ...style,
  });
  const plots = [
    { id: 'sent', title: 'Sent, bytes per second', unit: v => bytes(v) + '/s', lines: [line('sent')], about: 'UDP payload, with acknowledgements and retransmissions.' },
    { id: 'received', title: 'Received, bytes per second', unit: v => bytes(v) + '/s', lines: [line('received')], about: 'UDP payload of authentic packets.' },
    { id: 'rtt', title: 'Smoothed round-trip time', unit: v => number(v) + ' ms', lines: [line('rttMs')], about: 'RFC 9002, section 5.3; from the first sample on.' },
    { id: 'window', title: 'Congestion window and bytes in flight', unit: bytes, about: 'The window is a line, the most bytes in flight are the area below it.',
      lines: [line('window', { stepped: true }), (c, i) => ({ ...line('inFlight')(c, i), label: label(c) + ', in flight', borderWidth: 0.5, backgroundColor: hue(i) + '40', fill: 'origin' })] },
    { id: 'lost', title: 'Packets declared lost, per second', unit: v => number(v), lines: [line('lost')], about: 'When they were declared lost, which is later than when they were.' },
  ];

  const xScale = title => ({
    // The same edges for all plots.
    afterFit: scale => { scale.paddingLeft = 8; scale.paddingRight = 28; },
    type: 'linear', min: range.min, max: range.max, title: { display: title, text: 'simulated time' },
    ticks: { maxRotation: 0, includeBounds: false, autoSkipPadding: 24, callback: time },
  });
  const base = () => ({
    animation: false, parsing: false, normalized: true, responsive: true, maintainAspectRatio: false,
    interaction: { mode: 'nearest', axis: 'x', intersect: false },
  });

  const charts = [];
  function frame(id, title, height, about) {
    const figure = document.createElement('figure');
    const heading = document.createElement('h3');
    const box = document.createElement('div');
    const canvas = document.createElement('canvas');
    const caption = document.createElement('figcaption');
    heading.textContent = title;
    heading.id = 'plot-' + id;
    box.className = 'plot';
    box.style.height = height + 'px';
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `${title} of ${shown.size} of ${data.connections.length} connection ends over ${time(data.duration)}. ${about} The table of connections has the same in short.`);
    caption.textContent = about;
    box.append(canvas);
    figure.append(heading, box, caption);
    document.getElementById('charts').append(figure);
    return canvas;
  }

  function drawLines(plot) {
    const canvas = frame(plot.id, plot.title, 240, plot.about);
    const datasets = data.connections.flatMap((c, i) => shown.has(i) ? plot.lines.map(make => make(c, i)) : []);
    charts.push(new Chart(canvas, {
      type: 'line',
      data: { datasets },
      options: {
        ...base(),
        scales: { x: xScale(false), y: { beginAtZero: true, ticks: { callback: plot.unit, maxTicksLimit: 6 } } },
        plugins: {
          legend: { display: false },
          tooltip: { filter: (_, i) => i < 12, callbacks: { title: items => items.length ? time(items[0].parsed.x) : '', label: item => `${item.dataset.label}: ${plot.unit(item.parsed.y)}` } },
        },
      },
      plugins: [faultMarks],
    }));
  }

  function drawStates() {
    const indexes = data.connections.map((_, i) => i).filter(i => shown.has(i));
    const rows = ['faults', ...indexes.map(i => label(data.connections[i]))];
    const canvas = frame('states', 'States, ends and faults', 90 + 24 * rows.length,
      'A band for each state; a circle where a connection was closed, a cross where it failed. Red lines are faults, here and below; the dashed grey one is the end of the phase with faults.');
    const least = data.duration / 500;
    const bands = Object.entries(STATES).map(([state, colour]) => ({
      type: 'bar', label: state, backgroundColor: colour, grouped: false, barPercentage: 0.7, categoryPercentage: 1, borderSkipped: false, order: 2,
      data: indexes.flatMap(i => {
        const c = data.connections[i];
        return c.states.flatMap((s, k) => {
          const to = k + 1 < c.states.length ? c.states[k + 1].from : c.end ? c.end.at : data.duration;
          return s.state === state ? [{ x: [s.from, to], y: label(c), text: `${state}, ${time(s.from)} to ${time(to)}` }] : [];
        });
      }),
    }));
    const faults = {
      type: 'bar', label: 'fault', backgroundColor: '#b0487a', grouped: false, barPercentage: 0.7, categoryPercentage: 1, order: 2,
      data: data.faults.map(f => ({ x: [f.at, Math.max(f.end, f.at + least)], y: 'faults', text: `${time(f.at)}: ${f.text}` })),
    };
    const ends = (failed, text, pointStyle) => ({
      type: 'scatter', label: text, pointStyle, pointRadius: 6, pointHoverRadius: 8, borderWidth: 2.5, order: 1,
      borderColor: dark.matches ? '#ffffff' : '#111111', backgroundColor: dark.matches ? '#0d1117' : '#ffffff',
      data: indexes.map(i => data.connections[i]).filter(c => c.end && c.end.failed === failed)
        .map(c => ({ x: c.end.at, y: label(c), text: `${time(c.end.at)}: ${c.end.cause}` })),
    });
    charts.push(new Chart(canvas, {
      type: 'bar',
      data: { labels: rows, datasets: [...bands, faults, ends(false, 'closed', 'circle'), ends(true, 'failed', 'crossRot')] },
      options: {
        ...base(), parsing: true, normalized: false, indexAxis: 'y',
        interaction: { mode: 'nearest', intersect: true },
        scales: { x: xScale(true), y: { type: 'category', labels: rows, ticks: { autoSkip: false } } },
        plugins: {
          legend: { position: 'top', labels: { usePointStyle: true, boxHeight: 8 } },
          tooltip: { callbacks: { title: items => items.length ? items[0].label : '', label: item => wrapped(item.raw.text) } },
        },
      },
      plugins: [faultMarks],
    }));
  }

  function wrapped(text) {
    const lines = [''];
    for (const word of text.split(' ')) {
      if (lines[lines.length - 1].length + word.length > 90) lines.push('');
      lines[lines.length - 1] += (lines[lines.length - 1] ? ' ' : '') + word;
    }
    return lines;
  }

  function draw() {
    charts.splice(0).forEach(chart => chart.destroy());
    document.getElementById('charts').replaceChildren();
    Chart.defaults.color = dark.matches ? '#c3ccd6' : '#424a53';
    Chart.defaults.borderColor = dark.matches ? '#30363d' : '#dde3e9';
    Chart.defaults.font.family = 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif';
    document.getElementById('shown').textContent = `${shown.size} of ${data.connections.length}`;
    drawStates();
    plots.forEach(drawLines);
    // One left edge for all, so that a moment is at one place.
    const left = Math.max(...charts.map(chart => chart.scales.y.width));
    charts.forEach(chart => {
      chart.options.scales.y.afterFit = scale => { scale.width = left; };
      chart.update('none');
    });
  }

  function offerChoice() {
    const boxes = data.connections.map((c, i) => {
      const row = document.createElement('label');
      const box = document.createElement('input');
      const key = document.createElement('span');
      box.type = 'checkbox';
      box.checked = shown.has(i);
      key.className = 'key';
      key.style.borderColor = hue(i);
      key.style.borderTopStyle = dash(i).length ? 'dashed' : 'solid';
      box.addEventListener('change', () => { box.checked ? shown.add(i) : shown.delete(i); draw(); });
      row.append(box, key, label(c));
      document.getElementById('boxes').append(row);
      return box;
    });
    const set = on => () => {
      boxes.forEach((box, i) => { box.checked = on; on ? shown.add(i) : shown.delete(i); });
      draw();
    };
    document.getElementById('all').addEventListener('click', set(true));
    document.getElementById('none').addEventListener('click', set(false));
    document.getElementById('choice').hidden = false;
    document.getElementById('choice').open = true;
  }

  function offerRange() {
    const form = document.getElementById('range');
    const [from, to] = ['from', 'to'].map(id => document.getElementById(id));
    const fill = () => { from.value = range.min; to.value = Number(range.max.toFixed(3)); };
    form.addEventListener('change', () => {
      const min = Math.max(0, from.valueAsNumber || 0), max = Math.min(data.duration, to.valueAsNumber || data.duration);
      if (max > min) { range.min = min; range.max = max; draw(); }
    });
    form.addEventListener('submit', event => event.preventDefault());
    form.addEventListener('reset', event => { event.preventDefault(); range.min = 0; range.max = data.duration; fill(); draw(); });
    fill();
    form.hidden = false;
  }

  dark.addEventListener('change', draw);
  offerChoice();
  offerRange();
  draw();
})();
