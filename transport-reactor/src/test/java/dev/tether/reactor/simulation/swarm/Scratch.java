package dev.tether.reactor.simulation.swarm;

public class Scratch {
    public static void main(String[] a) {
        long from = Long.parseLong(a[0]), n = Long.parseLong(a[1]);
        int bad = 0;
        long t0 = System.nanoTime();
        long slow = 0, slowSeed = 0, sim = 0;
        for (long seed = from; seed < from + n; seed++) {
            long t = System.nanoTime();
            ScenarioResult r = ScenarioRun.run(Scenario.draw(seed), net -> {
                if (n == 1 && a.length > 2)
                    net.onEvent(e -> {
                        if (e instanceof dev.tether.reactor.simulation.SimulationEvent.StateEntered
                                || e instanceof dev.tether.reactor.simulation.SimulationEvent.Ended
                                || e instanceof dev.tether.reactor.simulation.SimulationEvent.Changed)
                            System.out.println(e.timeNs() / 1e9 + " " + e);
                        else if (a[2].equals("all") && e.timeNs() < Double.parseDouble(a[3]) * 1e9) {
                            if (e instanceof dev.tether.reactor.simulation.SimulationEvent.Sent s)
                                System.out.println(e.timeNs() / 1e9 + " SENT " + s.host() + " " + s.from() + ">"
                                        + s.to() + " type " + s.datagram()[0] + " len " + s.datagram().length);
                            if (e instanceof dev.tether.reactor.simulation.SimulationEvent.Arrived s)
                                System.out.println(e.timeNs() / 1e9 + " ARRI " + s.host() + " " + s.from() + ">"
                                        + s.to() + " type " + s.datagram()[0] + " len " + s.datagram().length + " "
                                        + s.alteration());
                            if (e instanceof dev.tether.reactor.simulation.SimulationEvent.Dropped s)
                                System.out.println(e.timeNs() / 1e9 + " DROP " + s.host() + " " + s.from() + ">"
                                        + s.to() + " type " + s.datagram()[0] + " len " + s.datagram().length + " "
                                        + s.cause());
                        }
                    });
            });
            long d = System.nanoTime() - t;
            if (d > slow) {
                slow = d;
                slowSeed = seed;
            }
            sim += r.simulated().toSeconds();
            if (!r.isOk()) {
                bad++;
                if (bad <= 8) {
                    System.out.println("seed " + seed + " " + r.violations().size());
                    r.violations().stream()
                            .limit(n == 1 ? 20 : 3)
                            .forEach(v -> System.out.println(
                                    "   " + v.substring(0, Math.min(n == 1 ? 3000 : 600, v.length()))));
                }
            }
            if (n == 1) System.out.println(r + "\n" + Scenario.draw(seed));
        }
        System.out.println(n + " seeds, bad " + bad + ", " + (System.nanoTime() - t0) / 1e9 + " s, slowest " + slowSeed
                + " " + slow / 1e6 + " ms, simulated h " + sim / 3600.0);
    }
}
