package dev.tether.reactor.simulation;

import dev.tether.core.simulation.LinkSettings;
import java.util.List;

/**
 * What is between two hosts, in both directions. Everything can be changed while datagrams are under way; those keep the
 * time that they were given.
 */
public final class SimulatedLink {

    private final SimulatedNetwork network;
    private final DirectedLink there;
    private final DirectedLink back;

    SimulatedLink(SimulatedNetwork network, DirectedLink there, DirectedLink back) {
        this.network = network;
        this.there = there;
        this.back = back;
    }

    /** Changes both directions. */
    public SimulatedLink change(LinkSettings settings) {
        return change(settings, settings);
    }

    /**
     * Changes each direction.
     *
     * @param there from the first host to the second, as they were named when the link was asked for
     */
    public SimulatedLink change(LinkSettings there, LinkSettings back) {
        this.there.override(there);
        this.back.override(back);
        network.changed(this.there.name(), "is now " + there);
        network.changed(this.back.name(), "is now " + back);
        return this;
    }

    /** Changes the direction from the first host to the second. */
    public SimulatedLink changeThere(LinkSettings settings) {
        there.override(settings);
        network.changed(there.name(), "is now " + settings);
        return this;
    }

    /** Lets nothing through. */
    public SimulatedLink cut() {
        return set(false, there, back);
    }

    /** Lets nothing through from the first host to the second. */
    public SimulatedLink cutThere() {
        return set(false, there);
    }

    /** Lets nothing through from the second host to the first. */
    public SimulatedLink cutBack() {
        return set(false, back);
    }

    /** Undoes every cut. */
    public SimulatedLink heal() {
        return set(true, there, back);
    }

    /** How the first host reaches the second. */
    public LinkSettings settingsThere() {
        return there.link().settings();
    }

    /** How the second host reaches the first. */
    public LinkSettings settingsBack() {
        return back.link().settings();
    }

    private SimulatedLink set(boolean up, DirectedLink... directions) {
        for (DirectedLink direction : List.of(directions)) {
            direction.link().setUp(up);
            network.changed(direction.name(), up ? "is healed" : "is cut");
        }
        return this;
    }
}
