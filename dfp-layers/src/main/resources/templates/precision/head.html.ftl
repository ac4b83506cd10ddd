        <link rel="stylesheet" href="/assets/css/precision.css">
