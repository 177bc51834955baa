params.manifest = 'pages.txt'
params.out = 'out'
params.shards = 833

process shard {
    cpus 1
    memory '2 GB'
    errorStrategy { task.exitStatus == 2 ? 'terminate' : 'retry' }
    maxRetries 3

    input:
    val index

    output:
    val index

    script:
    """
    scrawl ocr -q -j 1 --manifest '${file(params.manifest).toAbsolutePath()}' --shard ${index}/${params.shards} --resume -o '${file(params.out).toAbsolutePath()}/'
    """
}

process joined {
    input:
    val indices

    script:
    """
    scrawl merge --force '${file(params.out).toAbsolutePath()}'
    """
}

workflow {
    shard(Channel.of(0..<params.shards)) | collect | joined
}
