/**
 * Engines as they are, over the commands that `examples/cluster` has: GNU parallel and Slurm with shards that are killed, Nextflow, Spark with
 * lines, and manifests held against the schemas that their engines publish. Each is skipped where it is not installed.
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { join } from "@std/path/join";
import { randomOf } from "../src/archive/plan.ts";
import { has, inFolder, PAGES, ROOT, run, until } from "./command.ts";

const CLI = join(ROOT, "src/cli.ts");
const CLUSTER = join(ROOT, "examples", "cluster");
/** Inputs of the manifest: two for each of the examples' eight shards. */
const FILES = ["form.png", "scan.pdf", "none.png", "digits.jpg", "two-pages.tif", "note.png", "table.png", "sum.png"];
const INPUTS = [...FILES, ...FILES].map((name) => join(PAGES, name));

/** Fenced parts of an example, in order. */
async function parts(name: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(CLUSTER, `${name}.md`));
  return [...text.matchAll(/```\w+\n([^]*?)```/g)].map((m) => m[1]);
}

/** A folder with `pages.txt` and a program `scrawl` on the path, as the examples have it. */
async function workplace(folder: string): Promise<Record<string, string>> {
  await Deno.writeTextFile(join(folder, "pages.txt"), INPUTS.join("\n") + "\n");
  const bin = join(folder, "bin");
  await Deno.mkdir(bin);
  const program =
    `#!/bin/sh\nexec '${Deno.execPath()}' run --quiet --no-prompt --allow-read --allow-write '${CLI}' "$@"\n`;
  await Deno.writeTextFile(join(bin, "scrawl"), program, { mode: 0o755 });
  return { PATH: `${bin}:${Deno.env.get("PATH")}` };
}

async function shell(command: string, cwd: string, env: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", command],
    cwd,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assertStrictEquals(code, 0, `${command}\n${text}${new TextDecoder().decode(stderr)}`);
  return text;
}

/** What one run without interruption makes of the manifest. */
async function undisturbed(folder: string, env: Record<string, string>): Promise<string> {
  await shell("scrawl ocr -q -j 1 --manifest pages.txt -o whole/ && scrawl merge -q whole/", folder, env);
  return await Deno.readTextFile(join(folder, "whole", "merged", "pages.jsonl"));
}

/** Bytes of all records in a folder. */
function written(folder: string): number {
  try {
    const names = [...Deno.readDirSync(folder)].map((e) => e.name).filter((n) => n.endsWith(".jsonl"));
    return names.reduce((n, name) => n + Deno.statSync(join(folder, name)).size, 0);
  } catch {
    return 0;
  }
}

/** Processes that run in a folder, by their arguments. */
function processes(folder: string, argument: string): number[] {
  return [...Deno.readDirSync("/proc")].map((e) => Number(e.name)).filter((pid) => {
    try {
      return pid > 0 && Deno.readLinkSync(`/proc/${pid}/cwd`) === folder &&
        Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0").includes(argument);
    } catch {
      // It ended meanwhile.
      return false;
    }
  });
}

const kill = (pid: number) => {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
};

Deno.test({
  name: "GNU parallel: eight shards, killed at random, then all of it; run again they are the bytes of one run",
  ignore: !await has("parallel") || Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (made) => {
      const folder = await Deno.realPath(made);
      const env = await workplace(folder);
      const [commands] = await parts("parallel");
      const [shards, merge] = commands.trim().split("\n");
      const random = randomOf(11);
      const child = new Deno.Command("bash", { args: ["-c", shards], cwd: folder, env, stdin: "null", stderr: "null" })
        .spawn();
      const out = join(folder, "out");
      let ended = false;
      child.status.then(() => ended = true);
      for (let i = 0, before = 0; i < 4 && !ended; i++) {
        await until("more is written", () => ended || written(out) > before);
        before = written(out);
        const running = processes(folder, CLI);
        if (running.length > 0) kill(running[Math.floor(random() * running.length)]);
      }
      // All of it, those that start others first.
      processes(folder, "/usr/bin/parallel").forEach(kill);
      await child.status;
      processes(folder, CLI).forEach(kill);
      await until("nothing runs any more", () => processes(folder, CLI).length === 0);
      await shell(shards, folder, env);
      await shell(merge, folder, env);
      assertStrictEquals(
        await Deno.readTextFile(join(out, "merged", "pages.jsonl")),
        await undisturbed(folder, env),
      );
    }),
});

/** A cluster of one node with ports, keys and state of its own. */
async function startSlurm(folder: string, env: Record<string, string>): Promise<() => Promise<void>> {
  const host = Deno.hostname().split(".")[0];
  const state = join(folder, "slurm");
  await Deno.mkdir(join(state, "spool"), { recursive: true });
  await Deno.mkdir(join(state, "munge"), { mode: 0o755 });
  await Deno.writeFile(join(state, "munge.key"), crypto.getRandomValues(new Uint8Array(1024)), { mode: 0o400 });
  await Deno.writeTextFile(
    join(state, "slurm.conf"),
    `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${state}/munge/socket
StateSaveLocation=${state}
SlurmdSpoolDir=${state}/spool
SlurmctldPidFile=${state}/slurmctld.pid
SlurmdPidFile=${state}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
KillWait=1
NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=4096
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`,
  );
  const programs: [string, string[]][] = [
    ["munged", [
      "--foreground",
      "--force",
      `--key-file=${state}/munge.key`,
      `--socket=${state}/munge/socket`,
      `--pid-file=${state}/munge/pid`,
      `--log-file=${state}/munge/log`,
      `--seed-file=${state}/munge/seed`,
    ]],
    ["slurmctld", ["-D", "-i"]],
    ["slurmd", ["-D", "-N", host]],
  ];
  const running: Deno.ChildProcess[] = [];
  for (const [name, args] of programs) {
    running.push(new Deno.Command(name, { args, env, stdin: "null", stdout: "null", stderr: "null" }).spawn());
    if (name === "munged") {
      await until("munged listens", () => [...Deno.readDirSync(join(state, "munge"))].some((e) => e.name === "socket"));
    }
  }
  return async () => {
    for (const child of running.reverse()) {
      child.kill("SIGTERM");
      await child.status;
    }
  };
}

const root = Deno.build.os === "linux" && Deno.uid() === 0;
Deno.test({
  name: "Slurm: an array of eight tasks on one node, one of them requeued while it reads, is the bytes of one run",
  ignore: !root || !await has("slurmctld", "-V") || !await has("slurmd", "-V") || !await has("munged"),
  fn: () =>
    inFolder(async (folder) => {
      const env = { ...await workplace(folder), SLURM_CONF: join(folder, "slurm", "slurm.conf") };
      const [script, commands] = await parts("slurm");
      await Deno.writeTextFile(join(folder, "scrawl.sbatch"), script);
      const stop = await startSlurm(folder, env);
      try {
        const [submit, merge] = commands.trim().split("\n");
        const done = shell(`until sinfo -h -o %T | grep -q idle; do sleep 0.2; done; ${submit}`, folder, env);
        done.catch(() => {});
        await until("a task has written something", () => written(join(folder, "out")) > 0);
        const tasks = await shell("squeue -h -r -t RUNNING -o %A", folder, env);
        // It may have come to its end meanwhile: then it is read again, and finds nothing to do. Slurm starts it again after two minutes.
        for (const task of tasks.trim().split("\n").filter((t) => t !== "")) {
          await shell(`scontrol requeue ${task} || true`, folder, env);
        }
        await done;
        await shell(merge, folder, env);
      } finally {
        await stop();
      }
      assertStrictEquals(
        await Deno.readTextFile(join(folder, "out", "merged", "pages.jsonl")),
        await undisturbed(folder, env),
      );
    }),
});

/** Whether Python has a module. */
const python = async (module: string) => (await run("python3", ["-c", `import ${module}`]))?.code === 0;

Deno.test({
  name: "Spark: paths through pipe, rows of one schema back, an error being one",
  ignore: !await has("java") || !await python("pyspark"),
  fn: () =>
    inFolder(async (folder) => {
      const env = { ...await workplace(folder), SPARK_LOCAL_IP: "127.0.0.1", SPARK_MASTER: "local[2]" };
      const [program] = await parts("spark");
      const local = program.replace("builder.getOrCreate()", 'builder.master("local[2]").getOrCreate()');
      const counted = 'print("rows", records.count(), records.where("error is null").count())\n';
      await Deno.writeTextFile(join(folder, "read.py"), local + counted);
      const said = await shell("python3 read.py", folder, env);
      // Of eight files two have two pages, and one is not there.
      assert(said.includes("rows 20 18"), said);
      assert(said.includes("there is no such file"), said);
    }),
});

Deno.test({
  name: "DuckDB reads JSON Lines and Parquet as they are",
  ignore: !await python("duckdb"),
  fn: () =>
    inFolder(async (folder) => {
      const env = await workplace(folder);
      await shell(
        "scrawl ocr -q -j 1 --manifest pages.txt -o out/ && scrawl merge -q -f jsonl -f parquet out/",
        folder,
        env,
      );
      const ask = `import duckdb
print(duckdb.sql("select count(*), count(error) from 'out/merged/pages.jsonl'").fetchall()[0])
print(duckdb.sql("select count(*) from (select unnest(l.words) from (select unnest(lines) l from 'out/merged/pages.jsonl'))").fetchall()[0])
print(duckdb.sql("select count(*) from 'out/merged/words.parquet'").fetchall()[0])
`;
      await Deno.writeTextFile(join(folder, "ask.py"), ask);
      const [pages, ofJson, ofParquet] = (await shell("python3 ask.py", folder, env)).trim().split("\n");
      assertStrictEquals(pages, "(20, 2)");
      assertStrictEquals(ofJson, ofParquet);
    }),
});

/** Nextflow as its launcher starts it, or as `SCRAWL_NEXTFLOW` says where there is none. */
const nextflow = Deno.env.get("SCRAWL_NEXTFLOW") ?? (await has("nextflow", "-version") ? "nextflow" : undefined);

Deno.test({
  name: "Nextflow: its script reads the shards and merges them",
  ignore: nextflow === undefined,
  fn: () =>
    inFolder(async (folder) => {
      const env = { ...await workplace(folder), NXF_OFFLINE: "true", NXF_HOME: join(folder, "home") };
      const [command] = await parts("nextflow");
      const script = join(CLUSTER, "scrawl.nf");
      const here = command.replace("nextflow run scrawl.nf", `${nextflow} run '${script}'`).replace("833", "2");
      await shell(here, folder, env);
      assertStrictEquals(
        await Deno.readTextFile(join(folder, "out", "merged", "pages.jsonl")),
        await undisturbed(folder, env),
      );
    }),
});

Deno.test({
  name: "Kubernetes: the job is one of its published schema",
  ignore: !await python("kubernetes_validate"),
  fn: async () => {
    const check = `import sys, yaml, kubernetes_validate as k
job = yaml.safe_load(open(sys.argv[1]))
k.validate(job, "1.29", strict=True)
job["spec"]["completion"] = 8
try:
    k.validate(job, "1.29", strict=True)
except k.ValidationError:
    print("valid, and a wrong key is not")
`;
    const result = (await run("python3", ["-c", check, join(CLUSTER, "kubernetes.yaml")]))!;
    assertEquals([result.code, result.out.trim()], [0, "valid, and a wrong key is not"], result.err);
  },
});

Deno.test({
  name: "AWS Batch: definition and job are what its client takes",
  ignore: !await python("botocore"),
  fn: async () => {
    const check = `import sys, json, botocore.session
from botocore.validate import ParamValidator
model = botocore.session.get_session().get_service_model("batch")
for name, path in zip(["RegisterJobDefinition", "SubmitJob"], sys.argv[1:]):
    report = ParamValidator().validate(json.load(open(path)), model.operation_model(name).input_shape)
    print(name, report.has_errors(), report.generate_report())
`;
    const files = ["aws-batch-definition.json", "aws-batch-job.json"].map((n) => join(CLUSTER, n));
    const result = (await run("python3", ["-c", check, ...files]))!;
    assertEquals(result.out.trim().split("\n").map((l) => l.trim()), [
      "RegisterJobDefinition False",
      "SubmitJob False",
    ]);
  },
});

Deno.test("examples and the manifests beside them ask for as many shards as they start", async () => {
  const shards = async (name: string, shard: RegExp, count: RegExp) => {
    const text = await Deno.readTextFile(join(CLUSTER, name));
    assertEquals([...text.matchAll(shard)].map((m) => m[1]), [count.exec(text)![1]]);
  };
  await shards("kubernetes.yaml", /INDEX\/(\d+)"/g, /completions: (\d+)/);
  const job = JSON.parse(await Deno.readTextFile(join(CLUSTER, "aws-batch-job.json")));
  const definition = await Deno.readTextFile(join(CLUSTER, "aws-batch-definition.json"));
  assertStrictEquals(/INDEX\/(\d+)\\"/.exec(definition)![1], String(job.arrayProperties.size));
});
