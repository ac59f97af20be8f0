package dev.tether.reactor.simulation.swarm;

public class Scratch {
    public static void main(String[] a) {
        long from = Long.parseLong(a[0]), n = Long.parseLong(a[1]);
        int bad = 0;
        long t0 = System.nanoTime();
        long slow = 0, slowSeed = 0, sim = 0;
        for (long seed = from; seed < from + n; seed++) {
            long t = System.nanoTime();
            ScenarioResult r = ScenarioRun.run(Scenario.draw(seed));
            long d = System.nanoTime() - t;
            if (d > slow) { slow = d; slowSeed = seed; }
            sim += r.simulated().toSeconds();
            if (!r.isOk()) {
                bad++;
                if (bad <= 8) { System.out.println("seed " + seed + " " + r.violations().size());
                r.violations().stream().limit(n == 1 ? 20 : 3).forEach(v -> System.out.println("   " + v.substring(0, Math.min(n == 1 ? 3000 : 600, v.length())))); }
            }
            if (n == 1) System.out.println(r + "\n" + Scenario.draw(seed));
        }
        System.out.println(n + " seeds, bad " + bad + ", " + (System.nanoTime() - t0) / 1e9 + " s, slowest " + slowSeed + " " + slow / 1e6 + " ms, simulated h " + sim / 3600.0);
    }
}
