'use strict';
// Shows the values below the pointer. Without it the page lacks nothing else.
(() => {
  const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

  function size(value) {
    let power = 0;
    while (Math.abs(value) >= 1023.5 && power < UNITS.length - 1) {
      value /= 1024;
      power += 1;
    }
    const digits = !power || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return value.toFixed(digits) + ' ' + UNITS[power];
  }

  function duration(seconds) {
    const whole = Math.round(seconds);
    const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60,
                   whole % 60];
    if (seconds < 60) {
      return seconds.toFixed(1) + ' s';
    }
    return parts.slice(parts[0] ? 0 : 1).map((part, position) =>
      position ? String(part).padStart(2, '0') : part).join(':');
  }

  // The value of a line at a place, null beside it.
  function valueAt(points, x) {
    if (x < points[0][0] || x > points[points.length - 1][0]) {
      return null;
    }
    let low = 0, high = points.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (points[middle][0] <= x) {
        low = middle;
      } else {
        high = middle;
      }
    }
    const [x0, y0] = points[low], [x1, y1] = points[high];
    return x1 > x0 ? y0 + (y1 - y0) * (x - x0) / (x1 - x0) : y1;
  }

  function linesOf(plots) {
    return Array.from(plots.querySelectorAll('polyline'), line => {
      const plot = line.closest('.plot');
      return {
        name: line.dataset.name,
        top: Number(plot.dataset.top),
        unit: plot.dataset.unit,
        points: line.getAttribute('points').split(' ').map(
          point => point.split(',').map(Number)),
      };
    });
  }

  for (const plots of document.querySelectorAll('.plots')) {
    const area = plots.querySelector('.area');
    const output = plots.querySelector('output');
    const cursor = document.createElement('div');
    cursor.className = 'cursor';
    plots.append(cursor);
    let lines = null;

    plots.addEventListener('pointermove', event => {
      const box = area.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      if (share < 0 || share > 1) {
        return;
      }
      lines = lines || linesOf(plots);
      const found = [duration(share * plots.dataset.length)];
      for (const strip of plots.querySelectorAll('.verdicts, .phases')) {
        const hit = Array.from(strip.querySelectorAll('.area span')).find(
          span => {
            const place = span.getBoundingClientRect();
            return event.clientX >= place.left && event.clientX < place.right;
          });
        if (hit) {
          found.push(hit.title.split(' for ')[0]);
        }
      }
      for (const line of lines) {
        const y = valueAt(line.points, share * 10000);
        if (y !== null) {
          found.push(line.name + ': ' + size((1 - y / 1000) * line.top) +
                     (line.unit === 'B/s' ? '/s' : ''));
        }
      }
      const offset = box.left - plots.getBoundingClientRect().left;
      const left = offset + share * box.width;
      output.textContent = found.join('\n');
      output.style.display = cursor.style.display = 'block';
      cursor.style.left = left + 'px';
      output.style.left = share < 0.5 ? left + 12 + 'px' :
        left - output.offsetWidth - 12 + 'px';
    });
    plots.addEventListener('pointerleave', () => {
      output.style.display = cursor.style.display = 'none';
    });
  }

  window.addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details')) {
      details.open = true;
    }
  });
})();
