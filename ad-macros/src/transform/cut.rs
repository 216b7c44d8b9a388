//! The cheapest set of values to save, as a minimum vertex cut.
//!
//! Nodes are values of one block. A *source* cannot be recomputed in the reverse
//! sweep, a *sink* is needed there. Everything between may be recomputed from its
//! operands, for free or at a price. The cut is the lightest set of nodes that separates them;
//! among equals the one nearest the sinks. (Enzyme decides its cache the same way:
//! Moses and Churavy, NeurIPS 2020.)

use std::collections::VecDeque;

/// Capacity of what is never cut.
const INFINITE: u32 = u32::MAX / 4;

#[derive(Default)]
pub(super) struct Graph {
    weights: Vec<u32>,
    edges: Vec<(usize, usize)>,
    sources: Vec<(usize, u32)>,
    sinks: Vec<usize>,
}

/// Residual capacities over split nodes: `2n` enters node `n`, `2n + 1` leaves it.
struct Residual {
    to: Vec<usize>,
    capacity: Vec<u32>,
    out: Vec<Vec<usize>>,
}

impl Graph {
    pub fn node(&mut self, weight: u32) -> usize {
        self.weights.push(weight);
        self.weights.len() - 1
    }

    /// `to` is computed from `from`.
    pub fn edge(&mut self, from: usize, to: usize) {
        self.edges.push((from, to));
    }

    pub fn source(&mut self, node: usize) {
        self.sources.push((node, INFINITE));
    }

    /// Computing the node again has a price.
    pub fn price(&mut self, node: usize, price: u32) {
        self.sources.push((node, price));
    }

    pub fn sink(&mut self, node: usize) {
        self.sinks.push(node);
    }

    /// The nodes to save.
    pub fn cut(&self) -> Vec<usize> {
        let mut residual = self.residual();
        let (start, end) = (2 * self.weights.len(), 2 * self.weights.len() + 1);
        while residual.augment(start, end) {}
        // From the end backwards: the cut nearest the sinks.
        let reaches = residual.reaching(end);
        (0..self.weights.len())
            .filter(|node| !reaches[2 * node] && reaches[2 * node + 1])
            .collect()
    }

    fn residual(&self) -> Residual {
        let mut residual = Residual {
            to: Vec::new(),
            capacity: Vec::new(),
            out: vec![Vec::new(); 2 * self.weights.len() + 2],
        };
        let (start, end) = (2 * self.weights.len(), 2 * self.weights.len() + 1);
        for (node, weight) in self.weights.iter().enumerate() {
            residual.add(2 * node, 2 * node + 1, *weight);
        }
        for (from, to) in &self.edges {
            residual.add(2 * from + 1, 2 * to, INFINITE);
        }
        for (node, price) in &self.sources {
            residual.add(start, 2 * node, *price);
        }
        for node in &self.sinks {
            residual.add(2 * node + 1, end, INFINITE);
        }
        residual
    }
}

impl Residual {
    fn add(&mut self, from: usize, to: usize, capacity: u32) {
        for (a, b, capacity) in [(from, to, capacity), (to, from, 0)] {
            self.out[a].push(self.to.len());
            self.to.push(b);
            self.capacity.push(capacity);
        }
    }

    /// Sends one more path of flow; whether there was one.
    fn augment(&mut self, start: usize, end: usize) -> bool {
        let mut via: Vec<Option<usize>> = vec![None; self.out.len()];
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            for &edge in &self.out[node] {
                let next = self.to[edge];
                if self.capacity[edge] > 0 && via[next].is_none() && next != start {
                    via[next] = Some(edge);
                    queue.push_back(next);
                }
            }
        }
        let mut path = Vec::new();
        let mut node = end;
        while node != start {
            let Some(edge) = via[node] else { return false };
            path.push(edge);
            node = self.to[edge ^ 1];
        }
        let flow = path.iter().map(|edge| self.capacity[*edge]).min();
        for edge in path {
            self.capacity[edge] -= flow.unwrap_or(0);
            self.capacity[edge ^ 1] += flow.unwrap_or(0);
        }
        true
    }

    /// The nodes from which flow could still be sent to `end`.
    fn reaching(&self, end: usize) -> Vec<bool> {
        let mut reached = vec![false; self.out.len()];
        reached[end] = true;
        let mut queue = VecDeque::from([end]);
        while let Some(node) = queue.pop_front() {
            for &edge in &self.out[node] {
                // `edge` leaves `node`; its twin enters it.
                let before = self.to[edge];
                if self.capacity[edge ^ 1] > 0 && !reached[before] {
                    reached[before] = true;
                    queue.push_back(before);
                }
            }
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One state, from which three needed values follow: save the state.
    #[test]
    fn one_source_of_many() {
        let mut graph = Graph::default();
        let state = graph.node(2);
        graph.source(state);
        for _ in 0..3 {
            let value = graph.node(1);
            graph.edge(state, value);
            graph.sink(value);
        }
        assert_eq!(graph.cut(), [state]);
    }

    /// Five loads that make one needed value: save the value.
    #[test]
    fn one_result_of_many() {
        let mut graph = Graph::default();
        let result = graph.node(1);
        for _ in 0..5 {
            let load = graph.node(1);
            graph.source(load);
            graph.edge(load, result);
        }
        graph.sink(result);
        assert_eq!(graph.cut(), [result]);
    }

    /// What is dear to compute is saved even if it need not be.
    #[test]
    fn a_price() {
        let mut graph = Graph::default();
        let (state, dear) = (graph.node(4), graph.node(4));
        graph.source(state);
        graph.edge(state, dear);
        graph.price(dear, 5);
        graph.sink(state);
        graph.sink(dear);
        assert_eq!(graph.cut(), [state, dear]);
    }

    #[test]
    fn nothing_to_save_without_sources() {
        let mut graph = Graph::default();
        let (a, b) = (graph.node(1), graph.node(1));
        graph.edge(a, b);
        graph.sink(b);
        assert!(graph.cut().is_empty());
    }
}
