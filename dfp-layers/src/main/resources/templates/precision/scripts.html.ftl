<script src="/assets/js/train/train.js"></script>
        <script src="/assets/js/train/precision/charts.js"></script>
        <script src="/assets/js/train/precision/twins.js"></script>
        <script src="/assets/js/train/precision/layers.js"></script>
        <script src="/assets/js/train/precision/plan.js"></script>
        <script src="/assets/js/train/precision/page.js"></script>
    
