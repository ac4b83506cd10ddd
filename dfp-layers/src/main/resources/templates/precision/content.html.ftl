<main id="content" class="main">
                <div id="notice" class="alert alert-secondary" role="status">Loading …</div>

                <div id="page" style="display:none">
                    <div class="precision-choice">
                        <label>Baseline <select id="baseline"></select></label>
                        <span id="others" role="group" aria-label="Compared with"></span>
                        <ul class="nav nav-pills">
                            <li class="nav-item"><a class="nav-link" href="#twins" data-tab="twins">Twins</a></li>
                            <li class="nav-item"><a class="nav-link" href="#layers" data-tab="layers">Layers</a></li>
                            <li class="nav-item"><a class="nav-link" href="#plan" data-tab="plan">Plan</a></li>
                        </ul>
                    </div>
                    <div id="verdicts"></div>

                    <!-- Twins -->
                    <div id="twins" class="precision-tab">
                        <div class="row">
                            <div class="col-8 chart-box">
                                <div class="chart-header">
                                    <h2><b>Score</b></h2>
                                    <div class="precision-controls">
                                        <label><input type="checkbox" id="raw" checked> each iteration</label>
                                        <select id="axis" aria-label="Horizontal axis">
                                            <option value="iteration">against iterations</option>
                                            <option value="time">against training time</option>
                                        </select>
                                    </div>
                                </div>
                                <div id="scoreLegend" class="precision-legend"></div>
                                <div id="scoreChart" class="precision-chart"></div>
                                <p class="precision-hover" id="scoreHover">&nbsp;</p>
                            </div>
                            <div class="col-4 chart-box">
                                <div class="chart-header"><h2><b>Side by side</b></h2></div>
                                <div class="precision-scroll">
                                    <table class="table table-bordered table-striped table-condensed" id="sideBySide">
                                        <thead></thead><tbody></tbody>
                                    </table>
                                </div>
                            </div>
                        </div>
                    </div>

                    <!-- Layers -->
                    <div id="layers" class="precision-tab">
                        <div class="row">
                            <div class="col chart-box">
                                <div class="chart-header">
                                    <h2><b>All layers, from the input on</b></h2>
                                    <div class="precision-controls">
                                        <select id="metric" aria-label="What to draw">
                                            <option value="exponent">shared exponent</option>
                                            <option value="sqnr">SQNR, dB</option>
                                            <option value="bits_used">mantissa bits used</option>
                                            <option value="underflow">underflow to zero</option>
                                            <option value="saturated">saturated</option>
                                            <option value="amax">amax</option>
                                            <option value="non_finite">non-finite tensors</option>
                                            <option value="milliseconds">milliseconds a product</option>
                                            <option value="cosine">cosine to the baseline</option>
                                        </select>
                                    </div>
                                </div>
                                <div id="depthLegend" class="precision-legend"></div>
                                <div id="depthChart" class="precision-chart"></div>
                                <p class="precision-hover" id="depthHover">&nbsp;</p>
                            </div>
                            <div class="col chart-box">
                                <div class="chart-header">
                                    <h2><b>One layer: <span id="chosenLayer"></span></b></h2>
                                </div>
                                <div id="historyLegend" class="precision-legend"></div>
                                <div id="historyChart" class="precision-chart"></div>
                                <p class="precision-hover" id="historyHover">&nbsp;</p>
                            </div>
                        </div>
                        <div class="row">
                            <div class="col chart-box">
                                <div class="chart-header">
                                    <h2><b>Tensors <span id="layersOf"></span></b></h2>
                                    <div class="precision-controls">
                                        <button type="button" id="worst" class="btn btn-sm btn-light">worst first</button>
                                        <input id="filter" placeholder="layer name" aria-label="Layer name">
                                        <button type="button" id="previous" class="btn btn-sm btn-light" aria-label="Previous">‹</button>
                                        <span id="rowsShown"></span>
                                        <button type="button" id="next" class="btn btn-sm btn-light" aria-label="Next">›</button>
                                    </div>
                                </div>
                                <div class="precision-scroll">
                                    <table class="table table-bordered table-striped table-condensed table-hover" id="tensors">
                                        <thead><tr>
                                            <th data-sort="layer">layer</th>
                                            <th data-sort="tensor">tensor</th>
                                            <th data-sort="exponent" title="value = mantissa · 2^exponent">exponent</th>
                                            <th data-sort="amax" title="largest |x|">amax</th>
                                            <th data-sort="bits_used" title="mean significant bits of the mantissas that are not 0, over the bits that there are">bits used</th>
                                            <th data-sort="underflow" title="values other than 0 whose mantissa is 0">underflow</th>
                                            <th data-sort="saturated" title="values clamped to the largest mantissa">saturated</th>
                                            <th data-sort="sqnr" title="signal to quantization noise ratio of sampled values">SQNR, dB</th>
                                            <th data-sort="non_finite" title="quantizations that saw a NaN or an infinity">non-finite</th>
                                            <th data-sort="gradient" title="cosine of the layer's gradient to the baseline's, from sampled values">cos gradient</th>
                                            <th data-sort="update" title="cosine of the layer's update to the baseline's, from sampled values">cos update</th>
                                            <th data-sort="milliseconds" title="forward / backward data / backward weights">ms a product</th>
                                            <th data-sort="kernels">kernels</th>
                                        </tr></thead>
                                        <tbody></tbody>
                                    </table>
                                </div>
                            </div>
                        </div>
                    </div>

                    <!-- Plan -->
                    <div id="plan" class="precision-tab">
                        <div class="row">
                            <div class="col chart-box">
                                <div class="chart-header"><h2><b>What runs in which precision <span id="planOf"></span></b></h2></div>
                                <p class="precision-hover" id="planSummary"></p>
                                <div class="precision-scroll">
                                    <table class="table table-bordered table-striped table-condensed" id="decisions">
                                        <thead><tr>
                                            <th>layer</th><th>type</th><th>parameters</th><th>decision</th><th>why</th>
                                        </tr></thead>
                                        <tbody></tbody>
                                    </table>
                                </div>
                            </div>
                        </div>
                    </div>
                </div>
            </main>
