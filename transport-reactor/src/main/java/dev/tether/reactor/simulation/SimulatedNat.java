package dev.tether.reactor.simulation;

import dev.tether.core.simulation.Nat;
import dev.tether.core.simulation.NatSettings;
import java.net.InetAddress;

/** A NAT of a simulated network, with hosts and further NATs behind it. */
public final class SimulatedNat implements Realm.Attachment {

    private final SimulatedNetwork network;
    private final String name;
    private final Nat nat;
    private final Realm outside;
    private final Realm inside;
    private final int depth;

    SimulatedNat(SimulatedNetwork network, String name, Nat nat, Realm outside, int depth) {
        this.network = network;
        this.name = name;
        this.nat = nat;
        this.outside = outside;
        this.inside = Realm.behind(this, depth);
        this.depth = depth;
    }

    @Override
    public String name() {
        return name;
    }

    /** The address that hosts behind it are seen with from outside. */
    public InetAddress outsideAddress() {
        return nat.outside();
    }

    /** A new host behind this NAT, with a private address. */
    public SimulatedHost host(String name) {
        return network.addHost(name, inside, inside.nextAddress());
    }

    /** A NAT behind this NAT. */
    public SimulatedNat nat(String name, NatSettings settings) {
        return network.addNat(name, settings, inside, depth + 1);
    }

    public NatSettings settings() {
        return nat.settings();
    }

    /** Changes its behaviour; mappings stay. */
    public void change(NatSettings settings) {
        nat.change(settings);
        network.changed(name, "is now " + settings);
    }

    /** Forgets all mappings, as a reboot does: hosts behind it are seen with other ports from now on. */
    public void rebind() {
        nat.rebind();
        network.changed(name, "rebinds");
    }

    /** How many mappings it holds. */
    public int mappings() {
        return nat.mappings();
    }

    @Override
    public String toString() {
        return name + '(' + outsideAddress().getHostAddress() + ')';
    }

    Nat model() {
        return nat;
    }

    Realm outside() {
        return outside;
    }

    Realm inside() {
        return inside;
    }
}
