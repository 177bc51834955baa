//! A model run in integers. The model file says what range each convolution takes in (`activations` of its metadata, as
//! `deno task export --to int8` measures it on training data); weights are quantised when it is loaded.

use crate::int8::{max_pool, Conv8, Out, Quant, Scratch};
use crate::layers::Op;
use crate::model::{fail, Model, ModelError, Size};

pub struct Quantised {
    model: Model,
    /// One a convolution, in their order.
    convs: Vec<Conv8>,
    quants: Vec<Quant>,
    buffers: [Vec<u8>; 2],
    scratch: Scratch,
    out: Vec<f32>,
}

impl Quantised {
    /// Fails where the model file states no ranges, or not one for each convolution.
    pub fn new(model: Model) -> Result<Self, ModelError> {
        let ranges: Vec<[f32; 2]> = match model.metadata.get("activations").map(|a| serde_json::from_str(a)) {
            Some(Ok(r)) => r,
            Some(Err(e)) => return fail(format!("the model's activations cannot be read: {e}")),
            None => return fail("the model says nothing of its activations: prepare it with `deno task export --to int8`"),
        };
        if model.layers.iter().any(|l| !matches!(l.op, Op::Conv(_) | Op::Pool(_) | Op::Flatten)) {
            return fail(
                "the model has layers that only run in float (sums, attention, norms, context and the like): use it as it is",
            );
        }
        let layers: Vec<_> = model.layers.iter().filter_map(|l| if let Op::Conv(c) = &l.op { Some(c) } else { None }).collect();
        if layers.len() != ranges.len() || !matches!(model.layers.last().map(|l| &l.op), Some(Op::Conv(_))) {
            return fail(format!("the model has {} convolutions, and ranges of {}", layers.len(), ranges.len()));
        }
        let quants: Vec<Quant> = ranges.iter().map(|r| Quant::of(r[0], r[1])).collect();
        let convs = layers.iter().zip(&quants).map(|(c, &q)| c.quantised(q)).collect();
        Ok(Self { model, convs, quants, buffers: Default::default(), scratch: Scratch::default(), out: Vec::new() })
    }

    /// As [`Model::run`].
    pub fn run(&mut self, x: &[f32], size: Size) -> Result<(&[f32], Size), ModelError> {
        let [mut from, mut to] = core::mem::take(&mut self.buffers);
        self.quants[0].bytes(x, &mut from);
        let (mut s, mut number) = (size, 0);
        for layer in &self.model.layers {
            let next = layer.size(s, None)?;
            match &layer.op {
                Op::Conv(c) => {
                    let (shape, _) = c.plan(s)?;
                    let out = match self.quants.get(number + 1) {
                        Some(&q) => Out::Bytes(&mut to, q),
                        None => Out::Values(&mut self.out),
                    };
                    self.convs[number].run(&from, &shape, out, &mut self.scratch);
                    number += 1;
                    core::mem::swap(&mut from, &mut to);
                }
                Op::Pool(k) => {
                    max_pool(&from, &mut to, [s.n, s.h, s.w, s.c], *k);
                    core::mem::swap(&mut from, &mut to);
                }
                _ => {}
            }
            s = next;
        }
        self.buffers = [from, to];
        Ok((&self.out[..s.n * s.h * s.w * s.c], s))
    }

    pub fn metadata(&self) -> &std::collections::HashMap<String, String> {
        &self.model.metadata
    }
}
