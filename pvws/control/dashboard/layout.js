// Where each peer stands: a pure function of who is there and how large the picture is, so that nothing wanders.

const SPACING_MIN = 24;
const AWAY_MIN = 6;
const AWAY_SHARE = 0.25;
const HULL_GAP = 26;

/**
 * Peers as they are to be seen: `[{peer, index, away}]` by side, the side of the first peer first. Of peers that are away
 * those that left last are kept, where they were; a network whose peers never come back would be nothing but them.
 */
export function sidesOf(peers) {
  const sides = new Map();
  const away = [];
  let connected = 0;
  peers.forEach((peer, index) => {
    if (peer.connected) {
      connected += 1;
      if (!sides.has(peer.cluster)) sides.set(peer.cluster, []);
      sides.get(peer.cluster).push({ peer, index, away: false });
    } else {
      away.push({ peer, index, away: true });
    }
  });
  const kept = Math.max(AWAY_MIN, Math.floor(connected * AWAY_SHARE));
  away.sort((one, other) => (one.peer.lastHeartbeat < other.peer.lastHeartbeat ? 1 : -1));
  const first = sides.keys().next().value ?? 0;
  for (const node of away.slice(0, kept)) {
    const side = sides.has(node.peer.cluster) ? node.peer.cluster : first;
    if (!sides.has(side)) sides.set(side, []);
    sides.get(side).push(node);
  }
  const ordered = [...sides.entries()].sort(([one], [other]) => one - other);
  for (const [, nodes] of ordered) nodes.sort((one, other) => one.index - other.index);
  return { sides: ordered.map(([cluster, nodes]) => ({ cluster, nodes })), hidden: Math.max(0, away.length - kept) };
}

/**
 * Places for sides in a box: `[{cluster, x, y, r, nodes: [{…, x, y, angle, ring}], spacing, labelled}]`.
 * Each side is a disc, its peers stand on rings in it, clockwise from the top in the order in which they joined.
 */
export function arrange(sides, width, height) {
  const labelled = sides.reduce((sum, side) => sum + side.nodes.length, 0) <= 48 && width > 420;
  return discs(sides, width, height, labelled).map((disc) => {
    const inner = disc.r - (labelled ? 0 : 6);
    const { spots, spacing } = rings(disc.nodes.length, Math.max(8, inner));
    const nodes = disc.nodes.map((node, place) => ({
      ...node,
      ...spots[place],
      x: disc.x + spots[place].radius * Math.cos(spots[place].angle),
      y: disc.y + spots[place].radius * Math.sin(spots[place].angle),
    }));
    return { ...disc, nodes, spacing, labelled: labelled && spacing >= 15 };
  });
}

/** A disc for each side, in as many rows as make them largest. */
function discs(sides, width, height, labelled) {
  const marginX = labelled ? 64 : 18;
  const marginY = labelled ? 30 : 18;
  const heading = sides.length > 1 ? 26 : 0;
  const weights = sides.map((side) => Math.sqrt(Math.max(3, side.nodes.length)));
  let best = null;
  for (let rows = 1; rows <= sides.length; rows += 1) {
    const columns = Math.ceil(sides.length / rows);
    const lines = [];
    for (let first = 0; first < sides.length; first += columns) lines.push(weights.slice(first, first + columns));
    const free = height - lines.length * (2 * marginY + heading) - (lines.length - 1) * HULL_GAP;
    const tall = free / lines.reduce((sum, line) => sum + 2 * Math.max(...line), 0);
    const wide = Math.min(
      ...lines.map(
        (line) =>
          (width - line.length * 2 * marginX - (line.length - 1) * HULL_GAP) / line.reduce((sum, w) => sum + 2 * w, 0),
      ),
    );
    const scale = Math.max(2, Math.min(tall, wide));
    if (best === null || scale > best.scale * 1.05) best = { scale, lines };
  }
  const found = [];
  const { scale, lines } = best ?? { scale: 1, lines: [] };
  const high = lines.map((line) => 2 * scale * Math.max(...line) + 2 * marginY + heading);
  let top = (height - high.reduce((sum, each) => sum + each, 0) - (lines.length - 1) * HULL_GAP) / 2;
  lines.forEach((line, row) => {
    const room = line.map((weight) => 2 * scale * weight + 2 * marginX);
    const spare = width - room.reduce((sum, each) => sum + each, 0);
    const gap = spare / (line.length + 1);
    let left = gap;
    line.forEach((weight, column) => {
      const side = sides[found.length];
      found.push({ ...side, x: left + room[column] / 2, y: top + heading + (high[row] - heading) / 2, r: scale * weight });
      left += room[column] + gap;
    });
    top += high[row] + HULL_GAP;
  });
  return found;
}

/** So many spots in a disc: on one ring, or on more where they would stand too close. */
function rings(number, radius) {
  let spacing = SPACING_MIN;
  let radii = [radius];
  search: for (; spacing > 4; spacing *= 0.88) {
    for (let many = 1; many <= 8; many += 1) {
      radii = Array.from({ length: many }, (_, ring) => (radius * (many - ring)) / many);
      if (many > 1 && radius / many < spacing) break;
      if (radii.reduce((sum, each) => sum + Math.floor((2 * Math.PI * each) / spacing), 0) >= number) break search;
    }
  }
  const whole = radii.reduce((sum, each) => sum + each, 0);
  const spots = [];
  let left = number;
  radii.forEach((each, ring) => {
    const here = ring === radii.length - 1 ? left : Math.min(left, Math.round((number * each) / whole));
    left -= here;
    const turn = ring % 2 ? Math.PI / Math.max(1, here) : 0;
    for (let place = 0; place < here; place += 1) {
      spots.push({ ring, radius: each, angle: (2 * Math.PI * place) / here - Math.PI / 2 + turn });
    }
  });
  if (number === 1) spots[0].radius = 0;
  spots.sort((one, other) => one.angle - other.angle || one.ring - other.ring);
  const most = number ? (2 * Math.PI * radii[0]) / spots.filter((spot) => spot.ring === 0).length : SPACING_MIN;
  return { spots, spacing: radii.length > 1 ? Math.min(most, radius / radii.length) : most };
}
